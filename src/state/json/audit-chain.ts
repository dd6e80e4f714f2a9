/**
 * The chain of the audit log. A line says how much of the log its writer had seen (`seen`, bytes) and the link of that much
 * (`link`): whoever removes, changes or slips in an earlier line breaks every later one. Writers need no lock: of two that write
 * at once the second has seen less, and the next line covers both.
 */
import type { Fs } from '../../core/ports.ts'
import type { ChainReport } from '../audit-report.ts'
import type { Hasher } from './journal-line.ts'

/** Bytes of a log, and the link over all lines in them. */
export interface Link {
  readonly seen: number
  readonly link: string
}

export const noLines: Link = { seen: 0, link: '' }

/** The link after one more line, its newline left out. */
export const after = ({ seen, link }: Link, line: Buffer, hash: Hasher): Link => ({
  seen: seen + line.length + 1,
  link: hash(Buffer.concat([Buffer.from(link), line])),
})

/** Bytes at the end of a log in which its last whole line is looked for. */
const tailBytes = 256 * 1024

/** What a log of `size` bytes comes to, judged from its last lines. */
export function linkAtEnd(fs: Fs, fd: number, size: number, hash: Hasher): Link {
  const start = Math.max(0, size - tailBytes)
  const tail = read(fs, fd, start, size)
  for (const line of linesOf(tail).reverse()) {
    const known = linkOf(line)
    if (known && known.seen >= start) return fold(known, read(fs, fd, known.seen, size), hash)
  }
  return fold(noLines, start === 0 ? tail : read(fs, fd, 0, size), hash)
}

/** `link` after all lines in `bytes`. */
export const fold = (link: Link, bytes: Buffer, hash: Hasher): Link =>
  linesOf(bytes).reduce((before, line) => after(before, line, hash), link)

export function read(fs: Fs, fd: number, from: number, to: number): Buffer {
  const bytes = Buffer.allocUnsafe(Math.max(0, to - from))
  return bytes.subarray(0, bytes.length === 0 ? 0 : fs.read(fd, bytes, from))
}

/** Whole lines; what follows the last newline is none. */
export function linesOf(bytes: Buffer): Buffer[] {
  const lines: Buffer[] = []
  let start = 0
  for (let end = bytes.indexOf(10); end >= 0; end = bytes.indexOf(10, start)) {
    lines.push(bytes.subarray(start, end))
    start = end + 1
  }
  return lines
}

/** What a line says that its writer had seen; undefined for one that says nothing of it. */
function linkOf(line: Buffer): Link | undefined {
  try {
    const { seen, link } = Object(JSON.parse(line.toString('utf8')))
    return typeof link === 'string' && Number.isSafeInteger(seen) ? { seen, link } : undefined
  } catch {
    return undefined
  }
}

const mostProblems = 100

/** Judges every line of a log. */
export function checkChain(bytes: Buffer, hash: Hasher): ChainReport {
  const links = new Map<number, string>([[0, '']])
  const problems: { line: number; problem: string }[] = []
  let [now, unlinked, isChained] = [noLines, 0, false]
  const lines = linesOf(bytes)
  for (const [index, line] of lines.entries()) {
    const said = linkOf(line)
    const problem = said ? problemOf(said, now, links) : isChained && isEntry(line) ? 'it has no link' : undefined
    if (problem !== undefined && problems.length < mostProblems) problems.push({ line: index + 1, problem })
    if (said) isChained = true
    else unlinked += 1
    now = after(now, line, hash)
    links.set(now.seen, now.link)
  }
  return { lines: lines.length, unlinked, head: now.link, problems }
}

function problemOf(said: Link, now: Link, links: ReadonlyMap<number, string>): string | undefined {
  const link = links.get(said.seen)
  if (link === undefined || said.seen > now.seen) return 'lines before it were added, removed or changed in length'
  return link === said.link ? undefined : 'lines before it were changed'
}

/** False for what a full disk left of a line. */
function isEntry(line: Buffer): boolean {
  try {
    JSON.parse(line.toString('utf8'))
    return true
  } catch {
    return false
  }
}
