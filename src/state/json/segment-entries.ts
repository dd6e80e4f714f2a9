/** All transactions that the journal still has, oldest first, sealed and compressed segments included. */
import { Fault } from '../../core/fault.ts'
import type { Fs } from '../../core/ports.ts'
import { parseChecked } from './checked-line.ts'
import { isCode } from './disk-fault.ts'
import type { Hasher, SegmentHeader } from './journal-line.ts'
import { missingSegment, type Source } from './journal-tail.ts'
import { journalGenerations, layout } from './layout.ts'
import { type ChainEnd, type Entry, SegmentReader } from './segment-reader.ts'

/** Generations of all segments, sealed ones included, ascending. */
export function allSegments(fs: Fs, directory: string): number[] {
  const names = [directory, layout.history(directory)].flatMap((path) => (fs.exists(path) ? fs.readdir(path) : []))
  return journalGenerations(names)
}

/** One segment's bytes, unpacked. */
export async function segmentBytes(fs: Fs, directory: string, generation: number): Promise<{ file: string; bytes: Buffer }> {
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

/** Every entry from the oldest kept segment on. A wrong line or a gap is a fault. */
export async function* allEntries({ fs, directory }: Source, hash?: Hasher): AsyncGenerator<Entry> {
  let end: ChainEnd | undefined
  let next: number | undefined
  for (const generation of allSegments(fs, directory)) {
    if (next !== undefined && generation !== next) throw missingSegment(layout.journal(directory, next))
    next = generation + 1
    const { file, bytes } = await segmentBytes(fs, directory, generation)
    const reader = new SegmentReader(file, generation, end ?? startOf(bytes, generation))
    yield* reader.feed(bytes, hash).entries
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
