/**
 * Drops old revisions. Order is what makes it crash-safe: the snapshot of the last state that goes, then its manifest (from here on
 * history begins there), then what is older: the lines before it in its segment, older segments, older bases. What a kill leaves
 * counts for nobody, and the next purge removes it.
 */
import { Fault } from '../../core/fault.ts'
import { iso } from '../../core/time.ts'
import { parseIsoTime } from '../iso-time.ts'
import { Overrides } from '../state.ts'
import { StateReader } from '../state-reader.ts'
import type { PurgedHistory } from '../store.ts'
import { archiveSegments, writeSealed } from './after-compaction.ts'
import type { CommitQueue } from './commit-queue.ts'
import { type Compaction, itemsOf, writeTables } from './compaction.ts'
import { type HistoryBase, readBase, type SegmentPlace, withoutOlder } from './history-base.ts'
import { type Hasher, loadHasher } from './journal-line.ts'
import type { Source } from './journal-tail.ts'
import { fileMode, journalGenerations, layout, snapshotGeneration } from './layout.ts'
import { makeHistory, readManifest, writeManifest } from './manifest.ts'
import { pastState } from './past-state.ts'
import { readSegments, segmentBytes } from './segment-entries.ts'
import type { Entry } from './segment-reader.ts'

/** Milliseconds that a purge waits for a snapshot that somebody writes. */
const patienceMs = 60_000

/** What is older than a limit, and where history would begin without it. */
export interface OlderHistory extends PurgedHistory {
  readonly place: SegmentPlace | undefined
}

/** Counts the revisions before `limit`, in milliseconds since the epoch; the chain of what is read is verified. */
export async function olderHistory(source: Source, limit: number): Promise<OlderHistory> {
  const hash: Hasher = await loadHasher()
  let revisions = 0
  let changes = 0
  let last: Entry | undefined
  for await (const { header, entries } of readSegments(source, hash)) {
    for (const entry of entries) {
      if (parseIsoTime(entry.at) < limit) {
        revisions += 1
        changes += entry.changes.length
        last = entry
      } else if (last && header) {
        // The first line behind a header continues that one; where history begins there, nothing of the segment goes.
        const link = entry.line === 2 ? header.prev : entry.prev
        return { revisions, changes, place: { segment: header.generation, revision: last.revision, link } }
      } else return { revisions, changes, place: undefined }
    }
  }
  // Nothing follows: the newest revision always stays.
  return { revisions: 0, changes: 0, place: undefined }
}

/** Makes `place`, which the snapshot in force covers, the beginning of history. */
export async function purgeHistory(compaction: Compaction, queue: CommitQueue, place: SegmentPlace | undefined): Promise<void> {
  const { fs, directory } = compaction
  makeHistory(fs, directory)
  const release = await lockSnapshots(compaction)
  try {
    const snapshot = readManifest(fs, directory)?.manifest
    await archiveSegments(fs, directory, snapshot?.generation ?? 0)
    const base = readBase(fs, directory)
    // Another process may have done it meanwhile.
    if (place && place.revision > (base?.revision ?? 0)) {
      // Somebody else was writing an earlier one: what follows it is still needed whole.
      if (place.revision > (snapshot?.revision ?? 0))
        throw new Fault('conflict', `${directory}: its snapshot is older`, { hint: 'try again' })
      await writeBase(compaction, queue, place)
    }
    await removeOlder(compaction)
  } finally {
    release()
  }
}

async function lockSnapshots({ fs, directory }: Compaction): Promise<() => void> {
  const fd = fs.open(layout.compactLock(directory), 'a', fileMode)
  try {
    return await fs.lock(fd, patienceMs)
  } catch (error) {
    fs.close(fd)
    throw error
  }
}

async function writeBase(compaction: Compaction, queue: CommitQueue, place: SegmentPlace): Promise<void> {
  const { fs, clock, migrations } = compaction
  const { segment, revision, link } = place
  const directory = layout.history(compaction.directory)
  const { state, release } = await pastState(compaction, revision, { revision })
  try {
    const items = itemsOf(new StateReader(state, new Overrides()))
    const tables = await writeTables({ ...compaction, directory }, revision, items)
    const facts = { format: 1, schema: migrations.length, generation: revision, revision, at: state.at, link } as const
    const base: HistoryBase = { ...facts, ...tables, segment, purgedAt: iso(clock.wall()) }
    fs.fsyncDirectory(directory)
    // Whoever moves all records to another place holds the writers' lock and must not see another beginning half-way.
    await queue.alone(async () => writeManifest(fs, directory, base))
  } finally {
    release()
  }
}

/** Removes what is older than the base in force, and bases that are not. */
async function removeOlder({ fs, directory }: Compaction): Promise<void> {
  const base = readBase(fs, directory)
  const history = layout.history(directory)
  if (base && fs.exists(layout.sealed(directory, base.segment))) await cutFirst(fs, directory, base)
  for (const name of fs.readdir(history)) {
    const found = snapshotGeneration(name)
    if (found !== undefined && found !== base?.generation) fs.unlink(`${history}/${name}`)
  }
  for (const generation of journalGenerations(fs.readdir(history))) {
    if (base && generation < base.segment) fs.unlink(layout.sealed(directory, generation))
  }
  fs.fsyncDirectory(history)
}

async function cutFirst(fs: Source['fs'], directory: string, base: HistoryBase): Promise<void> {
  const { bytes } = await segmentBytes(fs, directory, base.segment, undefined)
  const kept = withoutOlder(bytes, base)
  if (kept !== bytes) await writeSealed(fs, directory, base.segment, kept)
}
