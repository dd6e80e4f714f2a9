/**
 * Follows the bytes of one journal segment: checks every line and its place in the chain.
 * A bad end (cut short or with a wrong checksum) is left alone; a bad line before the end is a fault.
 */
import { Fault } from '../../core/fault.ts'
import type { RawChange } from '../record.ts'
import type { Authorship } from '../store.ts'
import { crcText, isWhole } from './checked-line.ts'
import { type Hasher, type JournalLine, linkOf, parseJournalLine, type Seal, type SegmentHeader } from './journal-line.ts'

/** One committed transaction, records unparsed. */
export interface Entry extends Authorship {
  readonly revision: number
  readonly at: string
  readonly changes: readonly RawChange[]
  /** Line number in its segment, from 1. */
  readonly line: number
  /** The schema that its records are written in. */
  readonly schema: number
  /** The link to the line before it, as its line has it. */
  readonly prev: string
}

/** The last line that was read: where the chain goes on. */
export interface ChainEnd {
  readonly revision: number
  /** The link to it, when it is known from elsewhere (manifest, or the line after it). */
  readonly link?: string
  /** The line itself, newline excluded. */
  readonly bytes?: Buffer
}

export class SegmentReader {
  readonly file: string
  readonly generation: number
  header: SegmentHeader | undefined
  seal: Seal | undefined
  /** Bytes read and found good. */
  offset = 0
  /** Lines read and found good. */
  lines = 0
  end: ChainEnd

  constructor(file: string, generation: number, end: ChainEnd) {
    this.file = file
    this.generation = generation
    this.end = end
  }

  /**
   * Reads the bytes that follow `offset`; with `hash` the whole chain is verified, else only its checksums.
   * Returns the entries and how many bytes at the end were no whole line.
   */
  feed(bytes: Buffer, hash?: Hasher): { entries: Entry[]; torn: number } {
    const entries: Entry[] = []
    let start = 0
    while (start < bytes.length) {
      const newline = bytes.indexOf(10, start)
      const end = newline < 0 ? bytes.length : newline
      if (newline < 0 || !isWhole(bytes, start, end)) {
        if (newline >= 0 && newline + 1 < bytes.length) throw this.fault('its checksum is wrong')
        return { entries, torn: bytes.length - start }
      }
      const entry = this.#take(parseJournalLine(bytes, start, end), bytes.subarray(start, end), hash)
      if (entry) entries.push(entry)
      start = end + 1
    }
    return { entries, torn: 0 }
  }

  /** Moves past a line that this process has just written. */
  wrote(line: Buffer, revision: number, link: string): void {
    this.offset += line.length
    this.lines += 1
    this.end = { revision, link }
  }

  /** The link that the next line must carry. */
  link(hash: Hasher): string {
    const { link, bytes } = this.end
    return link ?? (bytes ? linkOf(bytes, 0, bytes.length, hash) : '')
  }

  fault(problem: string): Fault {
    return new Fault('internal', `${this.file} line ${this.lines + 1}: ${problem}`, {
      hint: 'nothing was changed; see what survives with nova doctor journal, then restore a copy of the state directory',
      details: { file: this.file, line: this.lines + 1, lastGoodRevision: this.end.revision },
    })
  }

  #take(line: JournalLine, bytes: Buffer, hash: Hasher | undefined): Entry | undefined {
    if (this.seal) throw this.fault('it follows the seal that ends the segment')
    if ((this.lines === 0) !== (line.kind === 'header')) throw this.fault('a segment has one header, its first line')
    const next = line.kind === 'transaction' ? line.head : line.kind === 'seal' ? line.seal : line.header
    this.#checkPlace(next.rev, line.kind === 'transaction' ? 1 : 0, next.prev, hash)
    if (line.kind === 'header') this.#checkHeader(line.header)
    this.lines += 1
    this.offset += bytes.length + 1
    if (line.kind === 'seal') this.seal = line.seal
    else if (line.kind === 'header' && line.header.cut) this.end = { revision: next.rev, link: next.prev }
    else this.end = { revision: next.rev, bytes }
    if (line.kind === 'header') this.header = line.header
    return line.kind === 'transaction' ? this.#entryOf(line) : undefined
  }

  #checkPlace(revision: number, step: number, prev: string, hash: Hasher | undefined): void {
    const wanted = this.end.revision + step
    if (revision !== wanted) throw this.fault(`it has revision ${revision} where ${wanted} was expected`)
    const { link, bytes } = this.end
    const isLinked = link !== undefined ? prev === link : !bytes || prev.startsWith(crcText(bytes, bytes.length))
    if (!isLinked || (hash && prev !== this.link(hash))) throw this.fault('it does not continue the line before it')
  }

  #checkHeader(header: SegmentHeader): void {
    if (header.generation !== this.generation) throw this.fault(`it belongs to segment ${header.generation}`)
  }

  #entryOf({ head, changes }: JournalLine & { kind: 'transaction' }): Entry {
    const { rev, at, actor, request, action, prev } = head
    const schema = this.header?.schema ?? 0
    return { revision: rev, at, actor, request, action, changes, line: this.lines, schema, prev }
  }
}
