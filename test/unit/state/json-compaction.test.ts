import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Fs } from '../../../src/core/ports.ts'
import { systemFs } from '../../../src/system/fs.ts'
import { aDirectory, addKeypair, aKeypair, aStore, author, contentsOf, renameKeypair, systemError } from './store-for-tests.ts'

const changing = ['open', 'write', 'truncate', 'rename', 'unlink', 'mkdir', 'fsync', 'fsyncDirectory', 'datasync'] as const

/** A file system that dies at its n-th changing call: that call and all later ones fail. */
function dyingFs(callsToLive: number): Fs & { readonly calls: () => number } {
  let calls = 0
  const step = () => {
    calls += 1
    if (calls > callsToLive) throw systemError('EIO')
  }
  const counted = <T>(work: () => T): T => {
    step()
    return work()
  }
  const over: Partial<Fs> = {
    open: (path, flags, mode) => {
      if (flags !== 'r') step()
      return systemFs.open(path, flags, mode)
    },
    datasync: async (fd) => {
      step()
      await systemFs.datasync(fd)
    },
    write: (fd, data) => counted(() => systemFs.write(fd, data)),
    truncate: (fd, size) => counted(() => systemFs.truncate(fd, size)),
    rename: (from, to) => counted(() => systemFs.rename(from, to)),
    unlink: (path) => counted(() => systemFs.unlink(path)),
    mkdir: (path, mode) => counted(() => systemFs.mkdir(path, mode)),
    fsync: (fd) => counted(() => systemFs.fsync(fd)),
    fsyncDirectory: (path) => counted(() => systemFs.fsyncDirectory(path)),
  }
  expect(Object.keys(over).sort()).toEqual([...changing].sort())
  return { ...systemFs, ...over, calls: () => calls }
}

describe('compaction', () => {
  it('moves everything into a snapshot, keeps the journal as history and goes on', async () => {
    const directory = aDirectory()
    const store = aStore(directory)
    for (const id of ['a', 'b', 'c']) await addKeypair(store, id)
    await store.compact({ force: true })
    await renameKeypair(store, 'b', 'changed')
    expect(readdirSync(directory).sort()).toEqual([
      'compact.lock',
      'history',
      'journal.1.jsonl',
      'keypairs.1.index',
      'keypairs.1.jsonl',
      'lock',
      'manifest.json',
    ])
    const fresh = aStore(directory)
    expect(await contentsOf(fresh)).toMatchObject({ revision: 4, keypairs: [{ id: 'a' }, { name: 'changed' }, { id: 'c' }] })
    expect((await fresh.history('keypairs', 'b')).map(({ revision }) => revision)).toEqual([2, 4])
    expect(await contentsOf(fresh, { revision: 2 })).toMatchObject({ revision: 2, keypairs: [{ id: 'a' }, { name: 'b' }] })
  })

  it('starts by itself when the journal has outgrown its limit', async () => {
    const directory = aDirectory()
    const store = aStore(directory, { journalBytes: 2000 })
    for (let n = 0; n < 40; n += 1) await addKeypair(store, `k${n}`)
    await store.close()
    expect(existsSync(join(directory, 'history'))).toBe(true)
    expect(await contentsOf(aStore(directory))).toMatchObject({ revision: 40 })
  })

  it('takes in what is committed while it runs', async () => {
    const directory = aDirectory()
    const store = aStore(directory)
    await store.transaction(author, async (tx) => {
      for (let n = 0; n < 3000; n += 1) await tx.insert('keypairs', aKeypair(`k${n}`))
    })
    const compacting = store.compact({ force: true })
    for (let n = 0; n < 50; n += 1) await renameKeypair(store, `k${n}`, 'changed')
    await compacting
    await renameKeypair(store, 'k50', 'changed')
    const changed = await aStore(directory).read((reader) => reader.list('keypairs', { where: { name: 'changed' } }))
    expect(changed.map(({ id }) => id)).toEqual(Array.from({ length: 51 }, (_, n) => `k${n}`))
  })

  it('serves a reader that started before the old snapshot was deleted', async () => {
    const directory = aDirectory()
    const writer = aStore(directory)
    await addKeypair(writer, 'a')
    await writer.compact({ force: true })
    const other = aStore(directory)
    await other.read(async (reader) => {
      await addKeypair(writer, 'b')
      await writer.compact({ force: true })
      await writer.compact({ force: true })
      expect(await reader.list('keypairs')).toMatchObject([{ id: 'a' }])
    })
    expect(await contentsOf(other)).toMatchObject({ revision: 2, keypairs: [{ id: 'a' }, { id: 'b' }] })
  })

  it('loses nothing when it dies at any of its system calls', async () => {
    const pristine = dyingFs(Number.POSITIVE_INFINITY)
    const whole = await compactedBy(pristine)
    expect(pristine.calls()).toBeGreaterThan(20)
    for (let callsToLive = 0; callsToLive < pristine.calls(); callsToLive += 1) {
      const directory = await compactedBy(dyingFs(callsToLive))
      const survivor = aStore(directory)
      expect([callsToLive, await contentsOf(survivor)]).toEqual([callsToLive, await contentsOf(aStore(whole))])
      await addKeypair(survivor, 'after')
      await survivor.compact({ force: true })
      expect((await contentsOf(aStore(directory))).keypairs).toHaveLength(4)
      expect(await survivor.history('keypairs', 'a')).toHaveLength(2)
      await survivor.close()
    }
    // Forty states, each with starts of processes for its lock: busy machines need their time.
  }, 120_000)
})

async function compactedBy(fs: Fs): Promise<string> {
  const directory = aDirectory()
  const first = aStore(directory)
  for (const id of ['a', 'b', 'c']) await addKeypair(first, id)
  await first.compact({ force: true })
  await renameKeypair(first, 'a', 'changed')
  await first.close()
  const dying = aStore(directory, { fs })
  await dying.compact({ force: true }).catch(() => undefined)
  await dying.close()
  return directory
}
