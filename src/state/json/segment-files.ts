/** Creates, continues and repairs segments; only for the holder of the writers' lock. */
import type { Fault } from '../../core/fault.ts'
import type { Fs } from '../../core/ports.ts'
import { syncFault, writeFault } from './disk-fault.ts'
import { type Hasher, headerLine, linkOf, type SegmentHeader, sealLine } from './journal-line.ts'
import type { Source } from './journal-tail.ts'
import { fileMode, layout } from './layout.ts'
import { writeManifest } from './manifest.ts'
import type { Loaded } from './state-loader.ts'
import { writeAll } from './write-all.ts'

/** The first segment and manifest of an empty directory, the manifest last. */
export function createJournal(source: Source, hash: Hasher): void {
  const { fs, directory } = source
  const schema = source.migrations.length
  const emptyHash = hash(new Uint8Array())
  const header = { journal: 1, schema, generation: 0, rev: 0, prev: '', snapshot: { generation: 0, hash: emptyHash } } as const
  writeSegment(fs, directory, header)
  const manifest = { format: 1, schema, generation: 0, revision: 0, at: '', link: '', hash: emptyHash, tables: [] } as const
  try {
    writeManifest(fs, directory, manifest)
  } catch (error) {
    throw writeFault(error, layout.manifest(directory), JSON.stringify(manifest).length)
  }
}

/** Creates the next segment, then seals the newest; `poison` when the disk may have lost something. */
export async function addSegment(source: Source, loaded: Loaded, hash: Hasher): Promise<{ generation: number; poison?: Fault }> {
  const { fs, directory } = source
  const { tail, state, manifest } = loaded
  const header: SegmentHeader = {
    journal: 1,
    schema: source.migrations.length,
    generation: tail.reader.generation + 1,
    rev: state.revision,
    prev: tail.reader.link(hash),
    snapshot: { generation: manifest?.generation ?? 0, hash: manifest?.hash ?? '' },
  }
  const line = writeSegment(fs, directory, header)
  const seal = sealLine({ sealed: 1, next: header.generation, rev: header.rev, prev: header.prev })
  const poison = await appendSeal(fs, tail.path, seal)
  tail.moveTo(header, line, linkOf(line, 0, line.length - 1, hash))
  return { generation: header.generation, poison }
}

async function appendSeal(fs: Fs, path: string, seal: Buffer): Promise<Fault | undefined> {
  const fd = fs.open(path, 'a', fileMode)
  try {
    writeAll(fs, fd, seal)
  } catch {
    // No loss: whoever reads on sees the next segment's file, and its link continues the last good line.
    fs.close(fd)
    return undefined
  }
  try {
    await fs.datasync(fd)
    return undefined
  } catch (error) {
    return syncFault(error, path)
  } finally {
    fs.close(fd)
  }
}

/** Cuts the torn end of the newest segment; a segment without a header gets it again. */
export function cutTornEnd(
  source: Source & { notice: (message: string) => void },
  { tail, state, manifest }: Loaded,
  hash: Hasher,
): void {
  const { fs, directory } = source
  const { reader } = tail
  if (!reader.header) {
    const { generation } = reader
    const snapshot = { generation: manifest?.generation ?? 0, hash: manifest?.hash ?? '' }
    const header = {
      journal: 1,
      schema: source.migrations.length,
      generation,
      rev: state.revision,
      prev: reader.link(hash),
      snapshot,
    } as const
    const line = writeSegment(fs, directory, header)
    reader.header = header
    reader.wrote(line, header.rev, linkOf(line, 0, line.length - 1, hash))
  } else if (tail.torn > 0) {
    source.notice(`${tail.path}: cut ${tail.torn} bytes of an unfinished transaction after line ${reader.lines}`)
    const fd = fs.open(tail.path, 'a', fileMode)
    try {
      fs.truncate(fd, reader.offset)
      fs.fsync(fd)
    } catch (error) {
      throw syncFault(error, tail.path)
    } finally {
      fs.close(fd)
    }
  }
  tail.torn = 0
}

/** Writes a segment that has its header alone, durably. */
export function writeSegment(fs: Fs, directory: string, header: SegmentHeader): Buffer {
  const path = layout.journal(directory, header.generation)
  const line = headerLine(header)
  try {
    const fd = fs.open(path, 'w', fileMode)
    try {
      writeAll(fs, fd, line)
      fs.fsync(fd)
    } finally {
      fs.close(fd)
    }
    fs.fsyncDirectory(directory)
  } catch (error) {
    throw writeFault(error, path, line.length)
  }
  return line
}
