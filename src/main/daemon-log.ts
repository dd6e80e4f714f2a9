/** The daemon's log file from outside: its last lines, and what comes after a place in it, whatever becomes of the file meanwhile. */
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs'
import { systemClock as clock } from '../system/clock.ts'
import { keptFiles } from '../system/log.ts'
import { logFileOf } from './daemon-lock.ts'

/** Lines, and the place behind them: the file's inode and the bytes of it that were read. */
export interface LogPart {
  readonly lines: string[]
  readonly next: string
}

interface LogFile {
  readonly fd: number
  readonly inode: number
  readonly size: number
}

const pollMs = 200
/** Bytes that are read at once; a longer line comes in parts. */
const mostBytes = 1024 ** 2
const newline = 10

/** The last lines of the log; none when there is no log yet. */
export function readDaemonLog(stateDirectory: string, lines: number): LogPart {
  return withFiles(logFileOf(stateDirectory), (files) => {
    const [current] = files
    if (!current) return { lines: [], next: '' }
    const part = readPart(current, 0, current.size)
    return { lines: part.lines.slice(-lines), next: placeOf(current, part.end) }
  })
}

/** Waits until there are lines after `place`, and gives them; none when the signal aborts first. */
export async function followDaemonLog(stateDirectory: string, place: string, signal: AbortSignal): Promise<LogPart> {
  for (let next = place; ; await clock.sleep(pollMs, signal)) {
    const part = withFiles(logFileOf(stateDirectory), (files) => partAfter(files, next))
    if (part.lines.length > 0 || signal.aborted) return part
    next = part.next
  }
}

/**
 * What is after `place` in the file that it names, or in the next one when that is read to its end. A file that was cut
 * begins anew, and a place in a file that is gone is the beginning of the log.
 */
function partAfter(files: readonly LogFile[], place: string): LogPart {
  const [, inode = '', read = ''] = /^(\d+):(\d+)$/.exec(place) ?? []
  const found = files.findIndex((file) => String(file.inode) === inode)
  for (let index = found < 0 ? 0 : found; index >= 0; index--) {
    const file = files[index]
    if (!file) break
    const isOther = index !== found || Number(read) > file.size
    const part = readPart(file, isOther ? 0 : Number(read), mostBytes, index > 0)
    if (part.lines.length > 0 || index === 0) return { lines: part.lines, next: placeOf(file, part.end) }
  }
  return { lines: [], next: place }
}

const placeOf = ({ inode }: LogFile, end: number) => `${inode}:${end}`

/** Whole lines from `start` on; nobody writes the end of a line into a file that `isClosed`. */
function readPart({ fd, size }: LogFile, start: number, most: number, isClosed = false) {
  const buffer = Buffer.alloc(Math.max(0, Math.min(most, size - start)))
  const bytes = buffer.subarray(0, readSync(fd, buffer, 0, buffer.length, start))
  const isWhole = bytes.length === most || isClosed
  const length = bytes.lastIndexOf(newline) + 1 || (isWhole ? bytes.length : 0)
  const text = bytes.subarray(0, length).toString('utf8')
  return { lines: text.split('\n').filter((line) => line !== ''), end: start + length }
}

/** The log and its predecessors, newest first: one that is renamed while we look is then seen twice and not missed. */
function withFiles<T>(file: string, use: (files: readonly LogFile[]) => T): T {
  const files: LogFile[] = []
  try {
    for (let index = 0; index <= keptFiles; index++) {
      const opened = openIfThere(index === 0 ? file : `${file}.${index}`)
      if (!opened) break
      files.push(opened)
    }
    return use(files.filter(({ inode }, index) => files.findIndex((other) => other.inode === inode) === index))
  } finally {
    for (const { fd } of files) closeSync(fd)
  }
}

function openIfThere(file: string): LogFile | undefined {
  try {
    const fd = openSync(file, constants.O_RDONLY | constants.O_NOFOLLOW)
    const { ino: inode, size } = fstatSync(fd)
    return { fd, inode, size }
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}
