/** A disk that is really full: a 2 MB tmpfs. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, statfsSync, unlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { aDirectory, addKeypair, aStore, contentsOf } from '../unit/state/store-for-tests.ts'

const isRoot = process.getuid?.() === 0
/** On a user's machine this suite is skipped by name; in CI it fails when it cannot mount. */
const canRun = isRoot || process.env.CI === 'true'

function aSmallDisk(): string {
  const mountPoint = aDirectory()
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=2m,mode=700', 'tmpfs', mountPoint])
  onTestFinished(() => void execFileSync('umount', ['-l', mountPoint]))
  return mountPoint
}

describe.skipIf(!canRun)('a full disk (needs root to mount a tmpfs)', () => {
  it('refuses with the path, keeps reading, and goes on when there is room', async () => {
    const disk = aSmallDisk()
    const directory = join(disk, 'state')
    const store = aStore(directory)
    await addKeypair(store, 'a')
    const filler = join(disk, 'filler')
    writeFileSync(filler, Buffer.alloc(statfsSync(disk).bavail * statfsSync(disk).bsize))
    await expect(addKeypair(store, 'b', { publicKey: 'x'.repeat(100_000) })).rejects.toMatchObject({
      kind: 'internal',
      message: expect.stringMatching(/journal\.0\.jsonl: no space left on device \(\d{6} bytes needed\)/),
    })
    expect(await contentsOf(store)).toMatchObject({ revision: 1, keypairs: [{ id: 'a' }] })
    unlinkSync(filler)
    await addKeypair(store, 'c')
    expect(await contentsOf(aStore(directory))).toMatchObject({ revision: 2, keypairs: [{ id: 'a' }, { id: 'c' }] })
  })

  it('keeps the old snapshot when the new one does not fit', async () => {
    const disk = aSmallDisk()
    const directory = join(disk, 'state')
    mkdirSync(directory, { mode: 0o700 })
    const store = aStore(directory)
    for (let n = 0; n < 7; n += 1) await addKeypair(store, `k${n}`, { publicKey: String(n).repeat(170_000) })
    await expect(store.compact({ force: true })).rejects.toMatchObject({
      kind: 'internal',
      message: expect.stringContaining('no space left on device'),
    })
    await addKeypair(store, 'after')
    const contents = await contentsOf(aStore(directory))
    expect([contents.revision, contents.keypairs.length]).toEqual([8, 8])
  })
})
