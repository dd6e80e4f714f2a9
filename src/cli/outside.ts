/**
 * The CLI's own door to the world: files that the user names, the clock, the environment.
 * The only file under src/cli that may touch fs, time and chance; everything heavy is loaded when asked for.
 */
import {
  closeSync,
  existsSync,
  fstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { userInfo } from 'node:os'
import path from 'node:path'
import { Fault } from '../core/fault.ts'

/** The most bytes that a file given to a flag may have. */
const most = 16 * 1024 ** 2

/** Wall milliseconds. */
export const now = () => Date.now()

/** The name of the user that this process runs as; `uid-N` when the system knows no name for it. */
export function osUser(): string {
  try {
    return userInfo().username
  } catch {
    return `uid-${process.getuid?.() ?? 0}`
  }
}

/** Calls `then` after `ms`; never keeps the process alive. Returns the cancellation. */
export function after(ms: number, then: () => void): () => void {
  const timer = setTimeout(then, ms)
  timer.unref()
  return () => clearTimeout(timer)
}

/** A new request id, `req-` and a UUID; made without node:crypto, which costs a third of a cold start. */
export function newRequestId(): string {
  const digits = Array.from({ length: 32 }, () => Math.floor(Math.random() * 16).toString(16))
  digits[12] = '4'
  digits[16] = (8 + (Number.parseInt(digits[16] ?? '0', 16) % 4)).toString(16)
  const hex = digits.join('')
  return `req-${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}

/** The bytes of a file that the user named for `what`; `-` is stdin. An `invalid` fault names the file and the obstacle. */
export function readInput(file: string, what: string): Buffer {
  const fd = file === '-' ? 0 : openFor(file, what)
  try {
    return readAll(fd, file, what)
  } finally {
    if (fd !== 0) closeSync(fd)
  }
}

function openFor(file: string, what: string): number {
  try {
    const fd = openSync(file, 'r')
    if (!fstatSync(fd).isDirectory()) return fd
    closeSync(fd)
  } catch (cause) {
    throw new Fault('invalid', `cannot read ${file} for ${what}: ${reasonOf(cause)}`, { cause })
  }
  throw new Fault('invalid', `cannot read ${file} for ${what}: it is a directory`)
}

function readAll(fd: number, file: string, what: string): Buffer {
  const chunks: Buffer[] = []
  for (let total = 0; ; ) {
    const chunk = Buffer.alloc(65_536)
    const count = readSome(fd, chunk)
    if (count === 0) return Buffer.concat(chunks)
    total += count
    if (total > most) throw new Fault('invalid', `${file} for ${what} is larger than ${most} bytes`)
    chunks.push(chunk.subarray(0, count))
  }
}

/** A terminal's or pipe's stdin may be non-blocking: EAGAIN means "not yet". */
function readSome(fd: number, chunk: Buffer): number {
  for (;;) {
    try {
      return readSync(fd, chunk)
    } catch (error) {
      const code = codeOf(error)
      if (code === 'EOF') return 0
      if (code !== 'EAGAIN') throw error
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10)
    }
  }
}

/** The absolute path of a file that must exist; `-` is stdin's device. */
export function inputPath(file: string, what: string): string {
  if (file === '-') return '/dev/stdin'
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(file)) return file
  try {
    statSync(file)
  } catch (cause) {
    throw new Fault('invalid', `cannot read ${file} for ${what}: ${reasonOf(cause)}`, { cause })
  }
  return path.resolve(file)
}

/** The text of a file, or undefined when there is none. */
export function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch (cause) {
    if (codeOf(cause) === 'ENOENT' || codeOf(cause) === 'ENOTDIR') return undefined
    throw new Fault('invalid', `cannot read ${file}: ${reasonOf(cause)}`, { cause })
  }
}

/** Replaces a file that only its owner may read, whole or not at all. */
export function writePrivate(file: string, text: string): void {
  const temporary = `${file}.${process.pid}.tmp`
  try {
    mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 })
    writeFileSync(temporary, text, { mode: 0o600, flush: true })
    renameSync(temporary, file)
  } catch (cause) {
    throw new Fault('invalid', `cannot write ${file}: ${reasonOf(cause)}`, { cause })
  }
}

/** Makes an empty file that only its owner may read, unless there is one. */
export function makePrivate(file: string): void {
  if (!existsSync(file)) writePrivate(file, '')
}

export const isThere = (file: string) => existsSync(file)

const codeOf = (error: unknown) => (error instanceof Error && 'code' in error ? String(error.code) : '')

const reasons: ReadonlyMap<string, string> = new Map([
  ['ENOENT', 'no such file'],
  ['ENOTDIR', 'no such file'],
  ['EACCES', 'permission denied'],
  ['EISDIR', 'it is a directory'],
  ['ENOSPC', 'the disk is full'],
  ['EROFS', 'the file system is read-only'],
])
const reasonOf = (error: unknown) => reasons.get(codeOf(error)) ?? (error instanceof Error ? error.message : String(error))
