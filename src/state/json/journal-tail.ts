/** Follows the journal from the manifest's generation on, segment by segment, through one open descriptor. */
import { Fault } from '../../core/fault.ts'
import type { Fs } from '../../core/ports.ts'
import { isCode } from './disk-fault.ts'
import type { Hasher, SegmentHeader } from './journal-line.ts'
import { layout } from './layout.ts'
import { checkSchema, type Migration } from './migrations.ts'
import { type ChainEnd, type Entry, SegmentReader } from './segment-reader.ts'

export interface Source {
  readonly fs: Fs
  readonly directory: string
  readonly migrations: readonly Migration[]
}

export class JournalTail {
  reader: SegmentReader
  /** Bytes at the end of the newest segment that are no whole line. */
  torn = 0
  /** Bytes in the followed segments before the newest. */
  earlierBytes = 0
  readonly #source: Source
  readonly #mayBeMissing: boolean
  #fd: number | undefined

  /** `mayBeMissing`: no manifest says that the first segment must be there. */
  constructor(source: Source, generation: number, end: ChainEnd, mayBeMissing: boolean) {
    this.#source = source
    this.#mayBeMissing = mayBeMissing
    this.reader = this.#readerOf(generation, end)
  }

  get path(): string {
    return this.reader.file
  }

  get bytes(): number {
    return this.earlierBytes + this.reader.offset
  }

  /** Hands every new entry to `take`; 'lost' when what was read before is no longer there. */
  follow(take: (entry: Entry) => void, hash?: Hasher): 'followed' | 'lost' {
    for (let cut: Fault | undefined; ; ) {
      this.#fd ??= this.#open(this.reader.generation)
      if (this.#fd === undefined) return this.#mayBeMissing && !this.#hasBegun() ? 'followed' : 'lost'
      // Looked for before reading: all of this segment's transactions are older than the next segment's file.
      const hasNext = this.#hasNext()
      const fed = this.#readNew(take, hash, cut)
      if (fed === 'lost') return 'lost'
      const next = this.reader.seal?.next ?? (hasNext ? this.reader.generation + 1 : undefined)
      if (next === undefined) return 'followed'
      // Harmless when it is a seal cut short: the next header then continues the last good line.
      cut = this.torn > 0 ? this.reader.fault('it is cut short, but the journal goes on in a later segment') : undefined
      this.earlierBytes += this.reader.offset
      this.close()
      this.reader = this.#readerOf(next, this.reader.end)
    }
  }

  /** Goes on in a segment that this process has just created. */
  moveTo(header: SegmentHeader, line: Buffer, link: string): void {
    this.earlierBytes += this.reader.offset
    this.close()
    this.reader = this.#readerOf(header.generation, this.reader.end)
    this.reader.header = header
    this.reader.wrote(line, header.rev, link)
  }

  close(): void {
    if (this.#fd !== undefined) this.#source.fs.close(this.#fd)
    this.#fd = undefined
  }

  #readNew(take: (entry: Entry) => void, hash: Hasher | undefined, cut: Fault | undefined): 'followed' | 'lost' {
    const { fs } = this.#source
    const size = this.#fd === undefined ? 0 : fs.size(this.#fd)
    if (this.#fd === undefined || size < this.reader.offset) return 'lost'
    this.torn = 0
    if (size === this.reader.offset) return 'followed'
    const bytes = Buffer.allocUnsafe(size - this.reader.offset)
    const got = fs.read(this.#fd, bytes, this.reader.offset)
    const { entries, torn } = this.#feed(bytes.subarray(0, got), hash, cut)
    this.torn = torn
    if (this.reader.header) checkSchema(this.reader.header.schema, this.#source.migrations, this.#source.directory)
    for (const entry of entries) take(entry)
    return 'followed'
  }

  #feed(bytes: Buffer, hash: Hasher | undefined, cut: Fault | undefined) {
    try {
      return this.reader.feed(bytes, hash)
    } catch (error) {
      throw cut ?? error
    }
  }

  /** A first segment that came and was sealed between two looks is not missing but gone. */
  #hasBegun(): boolean {
    return this.#source.fs.exists(layout.manifest(this.#source.directory))
  }

  #hasNext(): boolean {
    const { fs, directory } = this.#source
    return fs.exists(layout.journal(directory, this.reader.generation + 1))
  }

  #readerOf(generation: number, end: ChainEnd): SegmentReader {
    return new SegmentReader(layout.journal(this.#source.directory, generation), generation, end)
  }

  #open(generation: number): number | undefined {
    const path = layout.journal(this.#source.directory, generation)
    try {
      return this.#source.fs.open(path, 'r')
    } catch (error) {
      if (!isCode(error, 'ENOENT')) throw error
      return undefined
    }
  }
}

/** The fault of a segment that others name and nobody has. */
export function missingSegment(path: string): Fault {
  return new Fault('internal', `${path} is missing, the journal goes on there`, {
    hint: 'nothing was changed; if this is a copy made while the state was written, copy it again; else restore one',
  })
}
