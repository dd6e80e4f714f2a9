/** What an undo would give back, record by record, and which later changes stand in its way. */
import type { TableName } from '../../model/tables.ts'
import type { Change, Revision } from '../../state/store.ts'
import type { Context } from '../context.ts'
import { recordAfter } from '../history/differences.ts'
import { keyOf, type Seen } from './undo-look.ts'
import { changedAgain, type Reason } from './undo-reasons.ts'
import { undoTables } from './undo-tables.ts'
import { type Mark, undoerOf, undoesOf } from './undo-words.ts'

export type Fields = Readonly<Record<string, unknown>>

/** One record that the targets changed. */
export interface Turn {
  readonly table: TableName
  readonly id: string
  readonly noun: string
  readonly name: string
  /** What it was before the first target; null when it was not there. */
  readonly former: Fields | null
  /** What it is in the newest revision that was looked at. */
  readonly now: Fields | null
  readonly reasons: readonly Reason[]
}

interface Touched {
  readonly change: Change
  /** The first target that changed it. */
  readonly first: number
}

/** The records that the targets changed, in the order in which they are given back: what was done last is undone first. */
export async function turnsOf(seen: Seen, { store }: Context): Promise<Turn[]> {
  const touched = new Map<string, Touched>()
  for (const { revision, changes } of seen.targets)
    for (const change of changes)
      if (undoTables[change.table] && !touched.has(keyOf(change))) touched.set(keyOf(change), { change, first: revision })
  const turns = new Map<string, Turn | undefined>()
  for (const first of new Set([...touched.values()].map((one) => one.first)))
    await store.read(
      async (reader) => {
        for (const [key, one] of touched)
          if (one.first === first) turns.set(key, turnOf(one, (await reader.get(one.change.table, one.change.id)) ?? null, seen))
      },
      { revision: first - 1 },
    )
  return [...touched.keys()].reverse().flatMap((key) => turns.get(key) ?? [])
}

/** Undefined for a record that the targets wrote as it was. */
function turnOf(
  { change: { table, id }, first }: Touched,
  before: object | null,
  { targets, later, marks }: Seen,
): Turn | undefined {
  const noun = undoTables[table]?.noun ?? table
  const former = before && { ...before }
  const isTarget = new Set(targets.map(({ revision }) => revision))
  const since = [...targets, ...later].filter(({ revision }) => revision >= first)
  const inTheWay: Revision[] = []
  let now: Fields | null = former
  let last: Fields | null = former
  let isChanged = false
  for (const revision of since.sort((one, other) => one.revision - other.revision)) {
    const after = recordAfter(revision, table, id)
    if (after === undefined) continue
    const isChange = !isSame(table, now, after)
    now = after
    last = after ?? last
    if (isTarget.has(revision.revision)) isChanged ||= isChange
    else if (isChange && !isSettled(revision, first, marks)) inTheWay.push(revision)
  }
  if (!isChanged) return undefined
  const name = String(last?.name ?? id)
  // The newest comes first: it stands in the way of the others.
  const reasons = inTheWay.reverse().map((revision) => changedAgain(`${noun} ${name}`, revision))
  return { table, id, noun, name, former, now, reasons }
}

/** True for what was undone since, and for an undo of something that came after `first` as well: together they changed nothing. */
function isSettled({ revision, action }: Revision, first: number, marks: readonly Mark[]): boolean {
  if (undoerOf(revision, marks)) return true
  return undoesOf(action)?.revisions.every((undone) => undone > first) ?? false
}

/** The fields that undo gives back, in an order of their own. */
function said(table: TableName, record: Fields): (readonly [string, unknown])[] {
  const fields: readonly string[] | undefined = undoTables[table]?.fields
  return Object.entries(record)
    .filter(([field]) => (fields ? fields.includes(field) : field !== 'generation'))
    .sort(([one], [other]) => (one < other ? -1 : 1))
}

/** True when both say the same in what undo gives back. */
export function isSame(table: TableName, one: Fields | null, other: Fields | null): boolean {
  if (one === null || other === null) return one === other
  return JSON.stringify(said(table, one)) === JSON.stringify(said(table, other))
}

/** The record that is there with what it said then. */
export const givenBack = (table: TableName, former: Fields, now: Fields): Fields => ({
  ...now,
  ...Object.fromEntries(said(table, former)),
})
