/** How fast the archive goes, so that whoever else works in this process or writes to this store is hardly held up. */
import type { Clock } from '../../core/ports.ts'
import { serverTree } from '../../model/server-tree.ts'
import { type TableName, tableNames } from '../../model/tables.ts'
import type { Reader, Store } from '../../state/store.ts'

/** Whether somebody else writes: then every tree is looked at again before it leaves. */
export interface Pace {
  /** The revision that the store has if only this run has written since its last look. */
  expected: number | undefined
  othersWrite: boolean
  /** Monotonic milliseconds at which others were let in, and the batch was begun. */
  letIn: number
  begun: number
}

/** Milliseconds of work between two moments at which the rest of the process may run. */
const sliceMs = 4

/** What finds the records of trees; read at once, those of a large store would stop the whole process for a moment. */
export async function readIndexes({ store, clock }: { readonly store: Store; readonly clock: Clock }, pace: Pace): Promise<void> {
  await store.read(async (reader) => {
    for (const table of tableNames) for (const _ of piecesOf(reader, table)) await letOthersIn(clock, pace)
  })
}

function piecesOf<N extends TableName>(reader: Reader, table: N): Iterable<void> {
  const rule = serverTree[table]
  if (rule.kind === 'stays') return []
  return reader.pieces?.(table, rule.kind === 'owned' ? rule.field : undefined) ?? []
}

/** Once a slice of work is over, lets the rest of the process run. */
export async function letOthersIn(clock: Clock, pace: Pace): Promise<void> {
  if (clock.monotonic() - pace.letIn < sliceMs) return
  await clock.sleep(0)
  pace.letIn = clock.monotonic()
}

/** Between two batches: while others write, half of the time is theirs. */
export async function rest(clock: Clock, pace: Pace): Promise<void> {
  if (pace.othersWrite) await clock.sleep(clock.monotonic() - pace.begun)
  pace.othersWrite = false
  pace.begun = clock.monotonic()
}

/** True when nobody else has written since the last look. */
export function look(pace: Pace, { revision }: Pick<Reader, 'revision'>): boolean {
  const isQuiet = pace.expected === revision
  if (!isQuiet && pace.expected !== undefined) pace.othersWrite = true
  pace.expected = revision
  return isQuiet
}
