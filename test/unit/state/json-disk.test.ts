import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { systemFs } from '../../../src/system/fs.ts'
import { aDirectory, addKeypair, aStore, contentsOf, faultyFs, systemError } from './store-for-tests.ts'

const journalOf = (directory: string) => readFileSync(join(directory, 'journal.0.jsonl'))

describe('a disk that fails', () => {
  it('acknowledges nothing after a failed fsync, and a new process continues from the disk', async () => {
    const directory = aDirectory()
    await addKeypair(aStore(directory), 'a')
    let failures = 1
    const fs = faultyFs({ datasync: (fd) => (failures-- > 0 ? Promise.reject(systemError('EIO')) : systemFs.datasync(fd)) })
    const store = aStore(directory, { fs })
    const both = [addKeypair(store, 'b'), addKeypair(store, 'c')]
    for (const one of both) {
      await expect(one).rejects.toMatchObject({ kind: 'internal', message: expect.stringMatching(/journal\.0\.jsonl .*EIO/) })
    }
    await expect(addKeypair(store, 'd')).rejects.toMatchObject({ message: expect.stringContaining('EIO') })
    expect(await contentsOf(store)).toMatchObject({ revision: 1, keypairs: [{ id: 'a' }] })
    await store.close()
    const fresh = aStore(directory)
    expect(await contentsOf(fresh)).toMatchObject({ revision: 1 })
    await addKeypair(fresh, 'e')
    expect(await contentsOf(fresh)).toMatchObject({ revision: 2, keypairs: [{ id: 'a' }, { id: 'e' }] })
  })

  it('refuses nothing on the ground of what is not on the disk yet: such a refusal ends as the disk does', async () => {
    const directory = aDirectory()
    const store = aStore(directory, { fs: faultyFs({ datasync: () => Promise.reject(systemError('EIO')) }) })
    const [first, second] = [addKeypair(store, 'a'), addKeypair(store, 'a')]
    await expect(first).rejects.toMatchObject({ message: expect.stringContaining('EIO') })
    // "a exists already" would be told of a record that never was.
    await expect(second).rejects.toMatchObject({ kind: 'internal', message: expect.stringContaining('EIO') })
  })

  it.each([
    ['ENOSPC', 'no space left on device'],
    ['EDQUOT', 'disk quota exceeded'],
  ])('takes nothing over when a write ends with %s, and goes on when there is room', async (code, words) => {
    const directory = aDirectory()
    let isFull = false
    const write = (fd: number, data: Uint8Array) => {
      if (!isFull || data.length < 100) return systemFs.write(fd, data)
      systemFs.write(fd, data.subarray(0, 50))
      throw systemError(code)
    }
    const store = aStore(directory, { fs: faultyFs({ write }) })
    await addKeypair(store, 'a')
    const before = journalOf(directory)
    isFull = true
    await expect(addKeypair(store, 'b')).rejects.toMatchObject({
      kind: 'internal',
      message: expect.stringMatching(new RegExp(`journal\\.0\\.jsonl: ${words} \\(\\d+ bytes needed\\)`)),
    })
    expect(journalOf(directory)).toEqual(before)
    expect(await contentsOf(store)).toMatchObject({ revision: 1 })
    isFull = false
    await addKeypair(store, 'c')
    expect(await contentsOf(store)).toMatchObject({ revision: 2, keypairs: [{ id: 'a' }, { id: 'c' }] })
  })

  it('writes everything although each write takes three bytes', async () => {
    const directory = aDirectory()
    const store = aStore(directory, { fs: faultyFs({ write: (fd, data) => systemFs.write(fd, data.subarray(0, 3)) }) })
    await addKeypair(store, 'a')
    await store.compact({ force: true })
    await addKeypair(store, 'b')
    expect(await contentsOf(aStore(directory))).toMatchObject({ revision: 2, keypairs: [{ id: 'a' }, { id: 'b' }] })
  })

  it('shows readers of its own process nothing that is not on the disk yet', async () => {
    const directory = aDirectory()
    let finish = () => {}
    const held = new Promise<void>((resolve) => {
      finish = resolve
    })
    let reached = () => {}
    const syncing = new Promise<void>((resolve) => {
      reached = resolve
    })
    let isHeld = false
    const datasync = async (fd: number) => {
      if (isHeld) reached()
      if (isHeld) await held
      await systemFs.datasync(fd)
    }
    const store = aStore(directory, { fs: faultyFs({ datasync }) })
    await addKeypair(store, 'a')
    isHeld = true
    const writing = addKeypair(store, 'b')
    await syncing
    expect(await contentsOf(store)).toMatchObject({ revision: 1, keypairs: [{ id: 'a' }] })
    finish()
    await writing
    expect(await contentsOf(store)).toMatchObject({ revision: 2 })
  })

  it('keeps the old snapshot in force when the new one cannot be made durable', async () => {
    const directory = aDirectory()
    await addKeypair(aStore(directory), 'a')
    let syncs = 0
    // The first datasync seals the segment, the second is the snapshot's.
    const datasync = (fd: number) => (++syncs === 2 ? Promise.reject(systemError('EIO')) : systemFs.datasync(fd))
    const store = aStore(directory, { fs: faultyFs({ datasync }) })
    await expect(store.compact({ force: true })).rejects.toMatchObject({ kind: 'internal' })
    await addKeypair(store, 'b')
    expect(await contentsOf(aStore(directory))).toMatchObject({ revision: 2, keypairs: [{ id: 'a' }, { id: 'b' }] })
  })
})
