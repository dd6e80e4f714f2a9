import { execFileSync } from 'node:child_process'
import { closeSync, openSync, readSync, statSync, writeFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { inspectedBytes, inspectImage } from '../../../src/image/inspect.ts'
import { hostDirectory } from '../../support/host-directory.ts'

const options = [
  '',
  'compat=0.10',
  'lazy_refcounts=on',
  'compression_type=zstd',
  'extended_l2=on',
  'preallocation=metadata',
  'preallocation=full',
]
const widths = [
  'refcount_bits=1',
  'refcount_bits=64',
  'cluster_size=512',
  'cluster_size=4096',
  'cluster_size=2M',
  'cluster_size=2M,preallocation=metadata',
]
const sizes = ['1', '512', '3M', '8M', '1G', '10T']

describe('inspectImage and qemu-img', () => {
  let test: ReturnType<typeof hostDirectory>
  let path: string
  beforeAll(() => {
    test = hostDirectory()
    path = `${test.root}/image`
  })
  afterAll(() => test.cleanup())
  const qemuImg = (...args: string[]) => execFileSync('qemu-img', args).toString()

  function seen() {
    const { size } = statSync(path)
    const bytes = new Uint8Array(Math.min(size, inspectedBytes))
    const file = openSync(path, 'r')
    readSync(file, bytes)
    closeSync(file)
    const { format, virtualSize } = inspectImage(bytes, size)
    return { format, virtualSize }
  }

  function told() {
    const info: unknown = JSON.parse(qemuImg('info', '--output=json', path))
    expect(info).toHaveProperty('format')
    return { format: Reflect.get(Object(info), 'format'), virtualSize: Reflect.get(Object(info), 'virtual-size') }
  }

  it.each([...options, ...widths])('agree on qcow2 with %j', (option) => {
    qemuImg('create', '-q', '-f', 'qcow2', ...(option === '' ? [] : ['-o', option]), path, '20M')
    expect(seen()).toEqual(told())
  })

  it.each(sizes)('agree on qcow2 of %s bytes', (size) => {
    qemuImg('create', '-q', '-f', 'qcow2', path, size)
    expect(seen()).toEqual(told())
  })

  it.each([['-c'], [], ['-o', 'cluster_size=512'], ['-o', 'compat=0.10']])('agree on data converted with %j %j', (...args) => {
    const bytes = Buffer.alloc(4 * 1024 * 1024)
    for (let at = 0; at < bytes.length; at += 4) bytes.writeUInt32LE((at * 2_654_435_761) % 2 ** 32, at)
    writeFileSync(`${path}.raw`, bytes)
    qemuImg('convert', '-q', '-f', 'raw', '-O', 'qcow2', ...args.filter((arg) => arg !== undefined), `${path}.raw`, path)
    expect(seen()).toEqual(told())
  })

  it('agree on qcow2 with a snapshot and one that was resized', () => {
    qemuImg('create', '-q', '-f', 'qcow2', path, '20M')
    qemuImg('snapshot', '-c', 'one', path)
    qemuImg('resize', '-q', path, '50G')
    expect(seen()).toEqual(told())
  })

  it.each([
    ['mkfs.ext4', '-q', '-F'],
    ['mkfs.ext2', '-q', '-F', '-b', '1024'],
    ['mkswap', '-q'],
  ])('agree on a raw disk by %s', (program, ...args) => {
    writeFileSync(path, Buffer.alloc(4 * 1024 * 1024))
    execFileSync(program, [...args, path], { env: { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin` } })
    expect(seen()).toEqual(told())
  })

  it('know an ISO by genisoimage', () => {
    execFileSync('genisoimage', ['-quiet', '-J', '-r', '-o', path, '/etc/hostname'])
    expect(seen()).toEqual({ format: 'iso', virtualSize: statSync(path).size })
  })

  it.each(['vmdk', 'vdi', 'vpc', 'vhdx', 'qed', 'parallels', 'qcow'])('do not both take %s', (format) => {
    qemuImg('create', '-q', '-f', format, path, '10M')
    expect(seen).toThrow(/is not taken|not supported/)
  })
})
