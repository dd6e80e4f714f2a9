/** S7: archives are refused as images; what is kept of bytes that only look like something is kept as it came. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { tarArchive } from '../../../src/drivers/tar-archive.ts'
import { inspectImage } from '../../../src/image/inspect.ts'
import { openImageStore } from '../../../src/image/store.ts'
import { systemRandom } from '../../../src/system/random.ts'
import { hostDirectory, realTime } from '../../support/host-directory.ts'

const canary = 'written by an archive'
const places = ['../canary', '/tmp/nk-canary-of-an-archive', 'a/../../canary', './.', 'link/canary', 'x'.repeat(99)]
/** File, hard link, symbolic link, character and block device, directory, FIFO, contiguous, PAX and GNU headers. */
const kinds = [...'01234567xgLKS']

/** A tar entry of any name and kind, with the checksum that tar wants. */
function entry(name: string, kind: string, linkTo = '/etc/passwd'): Buffer {
  const bytes = tarArchive([{ path: 'x', content: canary }])
  bytes.fill(0, 0, 100)
  bytes.write(name.slice(0, 99), 0)
  bytes.write(kind, 156)
  bytes.write(linkTo, 157)
  bytes.write('        ', 148)
  const sum = bytes.subarray(0, 512).reduce((total, byte) => total + byte, 0)
  bytes.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
  return bytes
}

const tars: readonly (readonly [name: string, bytes: Buffer])[] = [
  ...places.map((place) => [`tar: a file ${place.slice(0, 30)}`, entry(place, '0')] as const),
  ...kinds.map((kind) => [`tar: an entry of kind ${kind}`, entry('link', kind)] as const),
  ['tar: twice the same name', Buffer.concat([entry('link', '2', '..').subarray(0, 512), entry('link/canary', '0')])],
  ['tar: a file of 8 GiB that is not there', entry('../big', '0')],
  ['OVA', tarArchive([{ path: 'disk.ovf', content: '<Envelope/>' }])],
]
const others: readonly (readonly [name: string, bytes: Buffer])[] = [
  ['zip', Buffer.concat([Buffer.from('PK\x03\x04'), Buffer.alloc(1000, 1)])],
  ['bzip2', Buffer.from('BZh91AY&SY and more that is nothing')],
  ['7z', Buffer.concat([Buffer.from('7z\xbc\xaf\x27\x1c', 'latin1'), Buffer.alloc(1000, 1)])],
  ['rar', Buffer.concat([Buffer.from('Rar!\x1a\x07\x01\0', 'latin1'), Buffer.alloc(1000, 1)])],
  ['ar', Buffer.from('!<arch>\ndebian-binary   0           0     0     100644  4         `\n2.0\n')],
  ['OVF alone', Buffer.from('<?xml version="1.0"?><Envelope xmlns="http://schemas.dmtf.org/ovf/envelope/1"/>')],
]

let test: ReturnType<typeof hostDirectory>
beforeEach(() => {
  test = hostDirectory()
})
afterEach(() => test.cleanup())

describe('S7 an archive is no image', () => {
  it.each([...tars, ...others])('%s is refused, whatever it is said to be', (_, bytes) => {
    expect(() => inspectImage(bytes, bytes.length)).toThrow(/not an image/)
    for (const declared of ['qcow2', 'iso', 'kernel'] as const)
      expect(() => inspectImage(bytes, bytes.length, { declared })).toThrow(/not an image/)
  })

  it('the hostile ones are archives that tar would take', () => {
    const isTar = tars.filter(([, bytes]) => {
      try {
        return execFileSync('tar', ['-t', '-P'], { input: bytes, stdio: ['pipe', 'pipe', 'ignore'] }).length > 0
      } catch {
        return false
      }
    })
    expect(isTar.length).toBeGreaterThanOrEqual(tars.length / 2)
  })

  it.each([
    ['a tar taken as raw disk', entry('../canary', '0'), 'raw' as const],
    ['a packed tar taken as ramdisk', gzipSync(entry('../canary', '0')), undefined],
    ['an xz taken as ramdisk', Buffer.concat([Buffer.from('\xfd7zXZ\0', 'latin1'), Buffer.alloc(1000, 1)]), undefined],
    ['a cpio taken as ramdisk', Buffer.concat([Buffer.from('070701'), Buffer.from('../canary'), Buffer.alloc(500)]), undefined],
  ])('%s is kept byte for byte, and nothing beside it', async (_, bytes, declared) => {
    mkdirSync(join(test.root, 'store'))
    const store = openImageStore({ directory: join(test.root, 'store', 'images'), clock: realTime, random: systemRandom })
    const path = join(test.root, 'upload')
    writeFileSync(path, bytes)
    const { digest } = await store.add(
      { kind: 'file', path },
      { maxBytes: 1024 ** 2, ...(declared ? { declaredFormat: declared } : {}) },
    )
    expect(readFileSync(store.path(digest)).equals(bytes)).toBe(true)
    const all = readdirSync(test.root, { recursive: true, encoding: 'utf8' }).sort()
    expect(all).toEqual(['store', 'store/images', `store/images/${digest}`, 'upload'])
  })

  it('the one archive that a host unpacks is made here, of names that cannot leave their directory', () => {
    const root = join(import.meta.dirname, '../../../src')
    const unpacking = readdirSync(root, { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts'))
      .filter((file) =>
        /(run|exec|spawn)\w*\(\[?'(tar|unzip|cpio|7z|bsdtar|ar|gunzip|unxz)'|createGunzip|createUnzip|createInflate/.test(
          readFileSync(join(root, file), 'utf8'),
        ),
      )
    expect(unpacking).toEqual(['drivers/write-config-drive.ts'])
    for (const path of [...places.slice(0, 4), 'a//b', '-x', 'a/-x', 'a\nb', 'a b', 'a\0b'])
      expect(() => tarArchive([{ path, content: '' }])).toThrow(/cannot be a path/)
  })
})
