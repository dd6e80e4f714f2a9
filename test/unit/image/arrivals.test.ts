/** Images that hosts send: nothing of them is in the store before they were looked at. */
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type ImageStore, openImageStore } from '../../../src/image/store.ts'
import { systemRandom } from '../../../src/system/random.ts'
import { hostDirectory, realTime } from '../../support/host-directory.ts'

const id = '11111111-2222-4333-8444-555555555555'
const maxBytes = 64 * 1024 * 1024

describe('an image that a host sends', () => {
  let test: ReturnType<typeof hostDirectory>
  let directory: string
  let store: ImageStore
  let disk: Buffer
  beforeEach(() => {
    test = hostDirectory()
    directory = `${test.root}/images`
    store = openImageStore({ directory, clock: realTime, random: systemRandom })
    execFileSync('qemu-img', ['create', '-q', '-f', 'qcow2', `${test.root}/disk.qcow2`, '10M'])
    disk = readFileSync(`${test.root}/disk.qcow2`)
  })
  afterEach(() => test.cleanup())
  const arrived = async (bytes: Buffer) => {
    writeFileSync(await store.incoming(id), bytes)
    return { digest: createHash('sha256').update(bytes).digest('hex'), format: 'qcow2', maxBytes } as const
  }

  it('becomes one of the store by a rename, and the same again when it is asked twice', async () => {
    const known = await arrived(disk)
    const taken = { digest: known.digest, size: disk.length, format: 'qcow2', virtualSize: 10 * 1024 ** 2 }
    for (const _ of ['once', 'again']) expect(await store.takeOver(id, known)).toMatchObject(taken)
    expect(readdirSync(directory)).toEqual([known.digest])
  })

  it('is refused when it names another file', async () => {
    const file = `${test.root}/backed.qcow2`
    execFileSync('qemu-img', ['create', '-q', '-f', 'qcow2', '-u', '-b', '/etc/passwd', '-F', 'raw', file, '1M'])
    const known = await arrived(readFileSync(file))
    await expect(store.takeOver(id, known)).rejects.toMatchObject({ kind: 'invalid' })
    expect(await store.has(known.digest)).toBe(false)
  })

  it('is refused when it is no qcow2, or too large', async () => {
    await expect(store.takeOver(id, await arrived(Buffer.alloc(1024)))).rejects.toMatchObject({ kind: 'invalid' })
    const known = { ...(await arrived(disk)), maxBytes: 10 }
    await expect(store.takeOver(id, known)).rejects.toMatchObject({ kind: 'invalid', message: expect.stringContaining('10') })
  })

  it('is thrown away on request, and after a day when nobody asked', async () => {
    await arrived(disk)
    for (const _ of ['once', 'again']) await store.discard(id)
    await expect(store.takeOver(id, { digest: 'a'.repeat(64), format: 'qcow2', maxBytes })).rejects.toMatchObject({
      kind: 'not-found',
    })
    await arrived(disk)
    const old = new Date(Date.now() - 48 * 3600 * 1000)
    for (const name of readdirSync(directory)) utimesSync(`${directory}/${name}`, old, old)
    await store.incoming(systemRandom.uuid())
    expect(readdirSync(directory)).toEqual([])
  })

  it('has a name of its own making alone', async () => {
    await expect(store.incoming('../x')).rejects.toMatchObject({ kind: 'invalid' })
  })
})
