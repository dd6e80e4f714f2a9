/** The daemon's log: one JSON line an event by pino, to stderr (journald) or to a file that is rotated by its size. */
import { closeSync, constants, fstatSync, openSync, renameSync, writeSync } from 'node:fs'
import type { Logger } from 'pino'

export interface LogOptions {
  readonly level: string
  /** Undefined for stderr. */
  readonly file: string | undefined
  /** Bytes after which a file is renamed to `.1`, which becomes `.2` … */
  readonly maxBytes: number
}

/** Predecessors of the log file. */
export const keptFiles = 5

/** A log; times are ISO 8601, levels words, so that people can read the lines too. */
export async function openLog({ level, file, maxBytes }: LogOptions): Promise<Logger> {
  const { pino } = await import('pino')
  const options = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
  }
  return file === undefined ? pino(options, { write: toStderr }) : pino(options, rotatingFile(file, maxBytes))
}

function toStderr(line: string): void {
  try {
    writeSync(2, line)
  } catch {
    // A full or closed pipe must not end the daemon.
  }
}

const { O_APPEND, O_CREAT, O_NOFOLLOW, O_WRONLY } = constants
const openFile = (file: string) => openSync(file, O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW, 0o600)

/** A file of at most `maxBytes`, and its predecessors. */
export function rotatingFile(file: string, maxBytes: number): { write(line: string): void } {
  let fd = openFile(file)
  let bytes = fstatSync(fd).size

  function rotate(): void {
    for (let index = keptFiles - 1; index >= 0; index--) {
      try {
        renameSync(index === 0 ? file : `${file}.${index}`, `${file}.${index + 1}`)
      } catch {
        // There are fewer yet.
      }
    }
    closeSync(fd)
    fd = openFile(file)
    bytes = 0
  }

  return {
    write(line) {
      try {
        if (bytes > 0 && bytes + line.length > maxBytes) rotate()
        bytes += writeSync(fd, line)
      } catch {
        // A full disk must not end the daemon.
      }
    },
  }
}
