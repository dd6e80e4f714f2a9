import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { Readable } from 'node:stream'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type ImageSource, type ImageStore, openImageStore } from '../../../src/image/store.ts'
import { systemRandom } from '../../../src/system/random.ts'
import { hostDirectory, realTime } from '../../support/host-directory.ts'

const maxBytes = 64 * 1024 * 1024

describe('the image store', () => {
  let test: ReturnType<typeof hostDirectory>
  let directory: string
  let store: ImageStore
  let disk: Buffer
  beforeEach(() => {
    test = hostDirectory()
    directory = `${test.root}/images`
    store = openImageStore({ directory, clock: realTime, random: systemRandom })
    const path = `${test.root}/disk.qcow2`
    execFileSync('qemu-img', ['create', '-q', '-f', 'qcow2', path, '10M'])
    disk = readFileSync(path)
  })
  afterEach(() => test.cleanup())
  const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')
  const file = async (bytes: Uint8Array): Promise<ImageSource> => ({ kind: 'file', path: await test.localFile(bytes) })

  it('keeps a file under its digest, for this user alone', async () => {
    const seen: (number | undefined)[] = []
    const added = await store.add(await file(disk), { maxBytes, onProgress: (done, total) => seen.push(done, total) })
    expect(added).toMatchObject({ digest: sha256(disk), size: disk.length, format: 'qcow2', virtualSize: 10 * 1024 * 1024 })
    expect(readFileSync(store.path(added.digest)).equals(disk)).toBe(true)
    expect(seen.slice(-2)).toEqual([disk.length, disk.length])
    expect(statSync(directory).mode & 0o777).toBe(0o700)
    expect(statSync(store.path(added.digest)).mode & 0o777).toBe(0o600)
    expect(readdirSync(directory)).toEqual([added.digest])
  })

  it('takes standard input, twice the same, and forgets on request', async () => {
    const once = await store.add({ kind: 'stdin', stream: Readable.from([disk.subarray(0, 7), disk.subarray(7)]) }, { maxBytes })
    const again = await store.add(await file(disk), { maxBytes })
    expect(again).toEqual(once)
    expect(await store.has(once.digest)).toBe(true)
    await store.remove(once.digest)
    await store.remove(once.digest)
    expect(await store.has(once.digest)).toBe(false)
  })

  it('keeps holes as holes and every byte in its place', async () => {
    const sparse = Buffer.alloc(16 * 1024 * 1024)
    disk.copy(sparse)
    sparse.write('middle', 5_000_001)
    const { digest } = await store.add(await file(sparse), { maxBytes })
    expect(readFileSync(store.path(digest)).equals(sparse)).toBe(true)
    expect(statSync(store.path(digest)).blocks * 512).toBeLessThan(2 * 1024 * 1024)
  })

  it.each<[string, (bytes: Buffer) => Promise<unknown>, string]>([
    ['too large', async (bytes) => store.add(await file(bytes), { maxBytes: 1000 }), 'the most is 1000'],
    [
      'too large on a pipe',
      (bytes) => store.add({ kind: 'stdin', stream: Readable.from([bytes]) }, { maxBytes: 1000 }),
      'more than 1000 bytes',
    ],
    [
      'another digest',
      async (bytes) => store.add(await file(bytes), { maxBytes, expectedSha256: 'A'.repeat(64) }),
      `expected is ${'a'.repeat(64)}`,
    ],
    ['no image', async () => store.add(await file(Buffer.from('hello')), { maxBytes }), 'it is a text'],
    ['another format', async (bytes) => store.add(await file(bytes), { maxBytes, declaredFormat: 'iso' }), 'declared as iso'],
  ])('refuses what has %s and leaves nothing', async (_, add, reason) => {
    await expect(add(disk)).rejects.toMatchObject({ kind: 'invalid', message: expect.stringContaining(reason) })
    expect(readdirSync(directory)).toEqual([])
  })

  it('leaves nothing when it is stopped', async () => {
    const controller = new AbortController()
    async function* endless() {
      yield disk
      controller.abort()
      for (;;) yield Buffer.alloc(1024)
    }
    const adding = store.add({ kind: 'stdin', stream: endless() }, { maxBytes, signal: controller.signal })
    await expect(adding).rejects.toMatchObject({ kind: 'timeout' })
    expect(readdirSync(directory)).toEqual([])
  })

  it('says what is wrong with a source', async () => {
    const add = (path: string) => store.add({ kind: 'file', path }, { maxBytes })
    execFileSync('mkfifo', [`${test.root}/fifo`])
    await expect(add('/none.img')).rejects.toMatchObject({ kind: 'not-found', message: expect.stringContaining('/none.img') })
    await expect(add(test.root)).rejects.toMatchObject({ kind: 'invalid', message: expect.stringContaining('a directory') })
    await expect(add(`${test.root}/fifo`)).rejects.toMatchObject({ message: expect.stringContaining('not a regular file') })
  })

  it('names the directory that it cannot use', async () => {
    writeFileSync(directory, 'a file')
    const adding = store.add(await file(disk), { maxBytes })
    await expect(adding).rejects.toMatchObject({ kind: 'internal', message: expect.stringContaining(directory) })
  })

  it('refuses a planted link for its directory and closes an open one', async () => {
    mkdirSync(`${test.root}/elsewhere`)
    symlinkSync(`${test.root}/elsewhere`, directory)
    await expect(store.add(await file(disk), { maxBytes })).rejects.toMatchObject({ kind: 'internal' })
    expect(readdirSync(`${test.root}/elsewhere`)).toEqual([])
    const open = openImageStore({ directory: `${test.root}/elsewhere`, clock: realTime, random: systemRandom })
    chmodSync(`${test.root}/elsewhere`, 0o755)
    await open.add(await file(disk), { maxBytes })
    expect(statSync(`${test.root}/elsewhere`).mode & 0o777).toBe(0o700)
  })

  it('sweeps out what a killed process left a day ago, not what one is at', async () => {
    mkdirSync(directory, { mode: 0o700 })
    for (const name of ['incoming-old', 'incoming-new']) writeFileSync(`${directory}/${name}`, 'x')
    utimesSync(`${directory}/incoming-old`, 0, 0)
    const { digest } = await store.add(await file(disk), { maxBytes })
    expect(readdirSync(directory).sort()).toEqual([digest, 'incoming-new'].sort())
  })

  it('S5 never makes a path of what is no digest', () => {
    for (const digest of ['', '../../etc/passwd', 'A'.repeat(64), `${'a'.repeat(64)}\n`])
      expect(() => store.path(digest)).toThrow(/not a SHA-256/)
  })

  it('saves to a new file only, and never a damaged image', async () => {
    const { digest } = await store.add(await file(disk), { maxBytes })
    const target = `${test.root}/saved`
    await store.save(digest, target)
    expect(readFileSync(target).equals(disk)).toBe(true)
    await expect(store.save(digest, target)).rejects.toMatchObject({ kind: 'exists' })
    writeFileSync(store.path(digest), 'damaged')
    await expect(store.save(digest, `${target}-2`)).rejects.toMatchObject({ message: expect.stringContaining('damaged') })
    expect(readdirSync(test.root)).not.toContain('saved-2')
    await expect(store.save('0'.repeat(64), target)).rejects.toMatchObject({ kind: 'not-found' })
  })
})
