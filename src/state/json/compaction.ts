/**
 * Writes a snapshot beside the running store. Order is what makes it crash-safe: next segment, snapshot files, manifest
 * (from here on the snapshot counts), then the old files go: snapshots are deleted, segments become history.
 */
import { Fault } from '../../core/fault.ts'
import type { Clock } from '../../core/ports.ts'
import { type TableName, tableNames } from '../../model/tables.ts'
import type { Item } from '../record.ts'
import { StateReader } from '../state-reader.ts'
import { archiveSegments, deleteOldSnapshots } from './after-compaction.ts'
import type { CommitQueue } from './commit-queue.ts'
import { writeFault } from './disk-fault.ts'
import type { JournalAdapter } from './journal-adapter.ts'
import type { Source } from './journal-tail.ts'
import { fileMode, layout } from './layout.ts'
import { type Manifest, snapshotBytes, writeManifest } from './manifest.ts'
import type { SnapshotFiles } from './snapshot-files.ts'
import type { Loaded } from './state-loader.ts'
import { TableWriter } from './table-writer.ts'

const defaultJournalBytes = 16 * 1024 * 1024

/** True when the journal has outgrown max(16 MiB, half of the snapshot). */
export function isSnapshotDue({ tail, manifest }: Loaded, journalBytes = defaultJournalBytes): boolean {
  return tail.bytes > Math.max(journalBytes, manifest ? snapshotBytes(manifest) / 2 : 0)
}

export interface Compaction extends Source {
  readonly clock: Clock
}

/** Everything as it was when the segment was sealed. */
interface Frozen {
  readonly generation: number
  readonly revision: number
  readonly at: string
  readonly link: string
  readonly items: ReadonlyMap<TableName, readonly Item[]>
  readonly files: SnapshotFiles | undefined
}

/** Writes a snapshot of the newest revision; does nothing when another process is writing one. */
export async function compactState(compaction: Compaction, queue: CommitQueue): Promise<void> {
  const { fs, directory } = compaction
  if (!fs.exists(directory)) return
  const release = await lockCompaction(compaction)
  if (!release) return
  try {
    const frozen = await queue.alone(freeze)
    try {
      await writeSnapshot(compaction, frozen)
    } finally {
      frozen.files?.release()
    }
    await queue.alone(async (adapter) => adapter.forget())
    deleteOldSnapshots(fs, directory, frozen.generation)
    await archiveSegments(fs, directory, frozen.generation)
  } finally {
    release()
  }
}

async function lockCompaction({ fs, directory }: Compaction): Promise<(() => void) | undefined> {
  const fd = fs.open(layout.compactLock(directory), 'a', fileMode)
  try {
    return await fs.lock(fd, 0)
  } catch (error) {
    fs.close(fd)
    if (error instanceof Fault && error.kind === 'timeout') return undefined
    throw error
  }
}

async function freeze(adapter: JournalAdapter): Promise<Frozen> {
  const generation = await adapter.rotate()
  const { state, files, tail } = adapter.loaded
  files?.retain()
  const seen = state.pin()
  const reader = new StateReader(state, seen)
  const items = itemsOf(reader)
  state.unpin(seen)
  return { generation, revision: state.revision, at: state.at, link: tail.reader.header?.prev ?? '', items, files }
}

async function writeSnapshot(compaction: Compaction, frozen: Frozen): Promise<void> {
  const { fs, directory, migrations } = compaction
  const { generation, revision, at, link } = frozen
  const { hash, tables } = await writeTables(compaction, generation, frozen.items)
  try {
    fs.fsyncDirectory(directory)
    writeManifest(fs, directory, { format: 1, schema: migrations.length, generation, revision, at, link, hash, tables })
  } catch (error) {
    throw writeFault(error, layout.manifest(directory), JSON.stringify(tables).length)
  }
}

/** Writes the files of a snapshot; it counts when a manifest names them. */
export async function writeTables(
  place: Compaction,
  generation: number,
  state: ReadonlyMap<TableName, readonly Item[]>,
): Promise<Pick<Manifest, 'hash' | 'tables'>> {
  const { createHash } = await import('node:crypto')
  const hash = createHash('sha256')
  const tables: Manifest['tables'][number][] = []
  for (const [table, items] of state) {
    if (items.length === 0) continue
    hash.update(`${table}\n`)
    const writer = new TableWriter(place, table, generation)
    tables.push(await writer.write(items, (text) => hash.update(text).update('\n')))
  }
  return { hash: hash.digest('hex').slice(0, 32), tables }
}

/** The records of a whole state in order. */
export const itemsOf = (reader: StateReader): ReadonlyMap<TableName, readonly Item[]> =>
  new Map(tableNames.map((table) => [table, [...reader.items(table)]]))
