/** Temporary directories, a clock that is set by hand and records for the tests of stores. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import type { Clock, Fs } from '../../../src/core/ports.ts'
import { type JsonStore, type JsonStoreOptions, openJsonStore } from '../../../src/state/json/json-store.ts'
import { systemClock } from '../../../src/system/clock.ts'
import { systemFs } from '../../../src/system/fs.ts'

export * from '../../support/keypair-records.ts'

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

/** The real file system with some calls replaced. */
export const faultyFs = (over: Partial<Fs>): Fs => ({ ...systemFs, ...over })

/** A system error as node makes it. */
export const systemError = (code: string) => Object.assign(new Error(`${code}: injected`), { code })
