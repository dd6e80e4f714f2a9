/** Moves the beginning of a purged history between stores: reads it from a directory, and makes it that of an empty one. */
import type { Fs } from '../../core/ports.ts'
import { tableNames } from '../../model/tables.ts'
import type { WholeStart } from '../movable.ts'
import type { RawChange } from '../record.ts'
import { Overrides, State } from '../state.ts'
import { StateReader } from '../state-reader.ts'
import { type Compaction, itemsOf, writeTables } from './compaction.ts'
import { type HistoryBase, historyStart, readBase } from './history-base.ts'
import type { Source } from './journal-tail.ts'
import { layout } from './layout.ts'
import { makeHistory, readManifest, writeManifest } from './manifest.ts'
import { pastState } from './past-state.ts'
import { writeSegment } from './segment-files.ts'

/** The segment that goes on behind it in the new directory. */
const segment = 1

/** Where history begins in a directory; undefined when it is whole. */
export async function wholeStart(source: Source): Promise<WholeStart | undefined> {
  const start = historyStart(readBase(source.fs, source.directory))
  return start && { ...start, records: () => recordsAt(source, start.revision) }
}

async function* recordsAt(source: Source, revision: number): AsyncGenerator<readonly RawChange[]> {
  const { state, release } = await pastState(source, revision, { revision })
  try {
    const reader = new StateReader(state, new Overrides())
    for (const table of tableNames) {
      for (const item of reader.items(table)) yield [{ table, id: item.id, text: item.text(), isNew: true }]
    }
  } finally {
    release()
  }
}

/** For the holder of the writers' lock of an empty directory. It counts once its manifest does, the last file but one. */
export async function beginHistory(place: Compaction, start: WholeStart): Promise<void> {
  const { fs, directory, migrations } = place
  const { revision, at, purgedAt } = start
  const history = layout.history(directory)
  makeHistory(fs, directory)
  const items = itemsOf(new StateReader(await stateOf(start), new Overrides()))
  const facts = { format: 1, schema: migrations.length, revision, at, link: '' } as const
  const base = await writeTables({ ...place, directory: history }, revision, items)
  fs.fsyncDirectory(history)
  const begun: HistoryBase = { ...facts, ...base, generation: revision, segment, purgedAt }
  writeManifest(fs, history, begun)
  const tables = await writeTables(place, segment, items)
  const snapshot = { generation: segment, hash: tables.hash }
  writeSegment(fs, directory, { journal: 1, schema: facts.schema, generation: segment, rev: revision, prev: '', snapshot })
  writeManifest(fs, directory, { ...facts, ...tables, generation: segment })
  fs.unlink(layout.journal(directory, 0))
}

async function stateOf({ revision, at, records }: WholeStart): Promise<State> {
  const changes: RawChange[] = []
  for await (const some of records()) changes.push(...some)
  const state = new State(new Map(), revision - 1)
  state.commit(changes, at)
  return state
}

/** Removes what a killed `beginHistory` left where the empty directory would take it for its own journal. */
export function clearBegun(fs: Fs, directory: string): void {
  const isBegun = (readBase(fs, directory)?.revision ?? 0) > (readManifest(fs, directory)?.manifest.revision ?? 0)
  const path = layout.journal(directory, segment)
  if (isBegun && fs.exists(path)) fs.unlink(path)
}
