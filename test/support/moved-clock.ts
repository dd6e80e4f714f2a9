/** A wall clock for programs under test that a test sets while they run. */
import { renameSync, writeFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'

export interface MovedClock {
  /** For the environment of a program. */
  readonly env: Readonly<Record<string, string>>
  /** Milliseconds ahead of the real clock, from now on. */
  set(ms: number): void
  /** What programs take for the time, in milliseconds since the epoch. */
  now(): number
}

/** `file` keeps how far the clock is ahead. */
export function movedClock(file: string, ms = 0): MovedClock {
  let offset = 0
  const set = (ahead: number) => {
    offset = ahead
    writeFileSync(`${file}.new`, String(ahead))
    renameSync(`${file}.new`, file)
  }
  set(ms)
  const preload = pathToFileURL(`${import.meta.dirname}/moved-clock.mjs`).href
  return { env: { NODE_OPTIONS: `--import ${preload}`, MOVED_CLOCK: file }, set, now: () => Date.now() + offset }
}
