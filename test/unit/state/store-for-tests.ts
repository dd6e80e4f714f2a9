/** Temporary directories, a clock that is set by hand and records for the tests of stores. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import type { Clock, Fs } from '../../../src/core/ports.ts'
import type { Keypair } from '../../../src/model/keypair.ts'
import { type JsonStore, type JsonStoreOptions, openJsonStore } from '../../../src/state/json/json-store.ts'
import type { Store } from '../../../src/state/store.ts'
import { systemClock } from '../../../src/system/clock.ts'
import { systemFs } from '../../../src/system/fs.ts'

export const author = { actor: 'alice', request: 'req-1', action: 'keypair.create' }

/** A fresh directory that goes away with the test. */
export function aDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'nk-'))
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
  return directory
}

/** Real waits, wall time by hand. */
export function aClock(start = Date.UTC(2026, 0, 1)): Clock & { now: number } {
  return {
    now: start,
    wall() {
      return this.now
    },
    monotonic: () => systemClock.monotonic(),
    sleep: (ms, signal) => systemClock.sleep(ms, signal),
    deadline: (ms) => systemClock.deadline(ms),
  }
}

/** A JSON store that is closed with the test. */
export function aStore(directory: string, options: Partial<JsonStoreOptions> = {}): JsonStore {
  const store = openJsonStore({ directory, fs: systemFs, clock: systemClock, ...options })
  onTestFinished(() => store.close())
  return store
}

export function aKeypair(id: string, over: Partial<Keypair> = {}): Omit<Keypair, 'generation'> {
  const { generation: _, ...rest } = { generation: 1, ...over }
  return { id, userId: 'u', name: id, type: 'ssh', publicKey: 'k', fingerprint: '', sha256: '', createdAt: '', ...rest }
}

/** Commits one new keypair. */
export const addKeypair = (store: Store, id: string, over: Partial<Keypair> = {}) =>
  store.transaction(author, (tx) => tx.insert('keypairs', aKeypair(id, over)))

/** Renames keypair `id` by compare-and-swap. */
export const renameKeypair = (store: Store, id: string, name: string) =>
  store.transaction(author, async (tx) => {
    const found = await tx.get('keypairs', id)
    if (!found) throw new Error(`no keypair ${id}`)
    return tx.update('keypairs', { ...found, name })
  })

/** Everything that matters of a store's newest revision, comparable. */
export const contentsOf = (store: Store, moment?: { revision: number }) =>
  store.read(async (reader) => ({ revision: reader.revision, keypairs: await reader.list('keypairs') }), moment)

/** The real file system with some calls replaced. */
export const faultyFs = (over: Partial<Fs>): Fs => ({ ...systemFs, ...over })

/** A system error as node makes it. */
export const systemError = (code: string) => Object.assign(new Error(`${code}: injected`), { code })
