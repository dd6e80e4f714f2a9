/** All transactions that the journal still has, oldest first, sealed and compressed segments included. */
import { Fault } from '../../core/fault.ts'
import type { Fs } from '../../core/ports.ts'
import { parseChecked } from './checked-line.ts'
import { isCode } from './disk-fault.ts'
import { type HistoryBase, readBase, type SegmentPlace, withoutOlder } from './history-base.ts'
import type { Hasher, SegmentHeader } from './journal-line.ts'
import { missingSegment, type Source } from './journal-tail.ts'
import { journalGenerations, layout } from './layout.ts'
import { type ChainEnd, type Entry, SegmentReader } from './segment-reader.ts'

/** Generations of all segments that count, sealed ones included, ascending. */
export function allSegments(fs: Fs, directory: string, base: HistoryBase | undefined): number[] {
  const names = [directory, layout.history(directory)].flatMap((path) => (fs.exists(path) ? fs.readdir(path) : []))
  const first = base?.segment ?? 0
  return journalGenerations(names).filter((generation) => generation >= first)
}

/** One segment's bytes, unpacked, without what is older than the base. */
export async function segmentBytes(
  fs: Fs,
  directory: string,
  generation: number,
  base: HistoryBase | undefined,
): Promise<{ file: string; bytes: Buffer }> {
  const { file, bytes } = await wholeSegment(fs, directory, generation)
  return { file, bytes: base?.segment === generation ? withoutOlder(bytes, base) : bytes }
}

async function wholeSegment(fs: Fs, directory: string, generation: number): Promise<{ file: string; bytes: Buffer }> {
  const plain = layout.journal(directory, generation)
  const packed = layout.sealed(directory, generation)
  try {
    return { file: plain, bytes: fs.readFile(plain) }
  } catch (error) {
    if (!isCode(error, 'ENOENT')) throw error
  }
  if (!fs.exists(packed)) throw missingSegment(plain)
  return { file: packed, bytes: await unpacked(packed, fs.readFile(packed)) }
}

/** Every entry from the oldest kept segment on, or from a place in the journal. A wrong line or a gap is a fault. */
export async function* allEntries(source: Source, hash?: Hasher, from?: SegmentPlace): AsyncGenerator<Entry> {
  for await (const { entries } of readSegments(source, hash, from)) yield* entries
}

/** The same, segment by segment. */
export async function* readSegments(
  { fs, directory }: Source,
  hash?: Hasher,
  from?: SegmentPlace,
): AsyncGenerator<{ readonly header: SegmentHeader | undefined; readonly entries: readonly Entry[] }> {
  const base = readBase(fs, directory)
  const start = from ?? base
  let end: ChainEnd | undefined = start
  let next = start?.segment
  for (const generation of allSegments(fs, directory, base)) {
    if (start && generation < start.segment) continue
    if (next !== undefined && generation !== next) throw missingSegment(layout.journal(directory, next))
    next = generation + 1
    const { file, bytes } = await segmentBytes(fs, directory, generation, base)
    const reader = new SegmentReader(file, generation, end ?? startOf(bytes, generation))
    const { entries } = reader.feed(bytes, hash)
    yield { header: reader.header, entries }
    end = reader.end
  }
}

/** Where the oldest kept segment starts: the beginning, or what its header says when older ones were archived. */
export function startOf(bytes: Buffer, generation: number): ChainEnd {
  const newline = bytes.indexOf(10)
  const header = newline < 0 ? undefined : (parseChecked(bytes, 0, newline) as SegmentHeader | undefined)
  return generation === 0 || !header ? { revision: 0, link: '' } : { revision: header.rev, link: header.prev }
}

async function unpacked(path: string, bytes: Buffer): Promise<Buffer> {
  const { gunzip } = await import('node:zlib')
  return new Promise((resolve, reject) => {
    gunzip(bytes, (error, plain) => {
      if (!error) return resolve(plain)
      const hint = 'nothing was changed; restore this file from a copy'
      reject(new Fault('internal', `${path} cannot be unpacked: ${error.message}`, { hint, cause: error }))
    })
  })
}
