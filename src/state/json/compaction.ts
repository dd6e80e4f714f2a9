/**
 * Writes a snapshot beside the running store. Order is what makes it crash-safe: next segment, snapshot files, manifest
 * (from here on the snapshot counts), then the old files go: snapshots are deleted, segments become history.
 */
import { Fault } from '../../core/fault.ts'
import type { Clock } from '../../core/ports.ts'
import { type TableName, tableNames } from '../../model/tables.ts'
import type { Item } from '../record.ts'
import type { StateReader } from '../state-reader.ts'
import { archiveSegments, deleteOldSnapshots } from './after-compaction.ts'
import type { CommitQueue } from './commit-queue.ts'
import { writeFault } from './disk-fault.ts'
import type { Frozen } from './journal-adapter.ts'
import type { Source } from './journal-tail.ts'
import { fileMode, layout } from './layout.ts'
import { type Manifest, snapshotBytes, writeManifest } from './manifest.ts'
import { inSlices } from './slices.ts'
import { SnapshotFiles } from './snapshot-files.ts'
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

/** Writes a snapshot of the newest revision; does nothing when another process is writing one. */
export async function compactState(compaction: Compaction, queue: CommitQueue): Promise<void> {
  const { fs, directory } = compaction
  if (!fs.exists(directory)) return
  const release = await lockCompaction(compaction)
  if (!release) return
  try {
    const frozen = await queue.alone((adapter) => adapter.freeze())
    try {
      await putInForce(compaction, queue, frozen, await writeSnapshot(compaction, frozen))
    } finally {
      frozen.release()
    }
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

async function writeSnapshot(compaction: Compaction, frozen: Frozen): Promise<Manifest> {
  const { generation, revision, at, link } = frozen
  const items = new Map([...frozen.tables].flatMap(([table, { count, items }]) => (count > 0 ? [[table, items] as const] : [])))
  const tables = await writeTables(compaction, generation, items)
  return { format: 1, schema: compaction.migrations.length, generation, revision, at, link, ...tables }
}

/** What the process needs of the new files is read in slices before it goes over to them. */
async function putInForce(compaction: Compaction, queue: CommitQueue, frozen: Frozen, manifest: Manifest): Promise<void> {
  const { fs, directory, clock } = compaction
  const files = new SnapshotFiles(fs, directory, manifest)
  try {
    const letOthersIn = inSlices(clock)
    for (const [name, base] of files.bases)
      if (frozen.state.table(name).isRead) for (const _ of base.pieces()) await letOthersIn()
    await queue.alone(async (adapter) => {
      try {
        fs.fsyncDirectory(directory)
        writeManifest(fs, directory, manifest)
      } catch (error) {
        throw writeFault(error, layout.manifest(directory), JSON.stringify(manifest).length)
      }
      adapter.rebase(frozen, manifest, files)
    })
  } finally {
    files.release()
  }
}

/** Writes the files of a snapshot; it counts when a manifest names them. */
export async function writeTables(
  place: Compaction,
  generation: number,
  state: ReadonlyMap<TableName, Iterable<Item>>,
): Promise<Pick<Manifest, 'hash' | 'tables'>> {
  const { createHash } = await import('node:crypto')
  const hash = createHash('sha256')
  const tables: Manifest['tables'][number][] = []
  for (const [table, items] of state) {
    hash.update(`${table}\n`)
    const writer = new TableWriter(place, table, generation)
    tables.push(await writer.write(items, (text) => hash.update(text).update('\n')))
  }
  return { hash: hash.digest('hex').slice(0, 32), tables }
}

/** The records of a whole state in order; empty tables are left out. */
export const itemsOf = (reader: StateReader): ReadonlyMap<TableName, readonly Item[]> =>
  new Map(tableNames.map((table) => [table, [...reader.items(table)]] as const).filter(([, items]) => items.length > 0))
