/** Gives records their former content back in one transaction, under the guards of the actions that could do it by hand. */
import { asFault, Fault } from '../../core/fault.ts'
import { iso } from '../../core/time.ts'
import type { Server } from '../../model/server.ts'
import type { TableName, Tables } from '../../model/tables.ts'
import type { Transaction } from '../../state/store.ts'
import type { Context } from '../context.ts'
import { type Difference, differences } from '../history/differences.ts'
import type { Reason } from './undo-reasons.ts'
import { undoTables } from './undo-tables.ts'
import { type Fields, givenBack, isSame, type Turn } from './undo-turns.ts'

export interface Undone extends Pick<Turn, 'id' | 'name'> {
  readonly type: string
  readonly event: 'created' | 'changed' | 'removed'
  readonly changes: readonly Difference[]
}

/** True when a record is not what it was when history was looked at. Nothing may be written before. */
export async function isStale(tx: Transaction, turns: readonly Turn[]): Promise<boolean> {
  for (const { table, id, now } of turns) {
    const stored = (await tx.get(table, id)) ?? null
    if (!isSame(table, stored && { ...stored }, now)) return true
  }
  return false
}

/** Takes every turn that nothing stands in the way of; the reasons are those of the others, and then nothing may be committed. */
export async function applyTurns(tx: Transaction, turns: readonly Turn[], context: Context) {
  const undone: Undone[] = []
  const reasons: Reason[] = []
  for (const turn of turns) {
    reasons.push(...turn.reasons)
    if (turn.reasons.length > 0) continue
    try {
      undone.push(await applyTurn(tx, turn.table, turn, context))
    } catch (error) {
      const { kind, message, hint } = asFault(error)
      if (!(error instanceof Fault)) throw error
      reasons.push({ kind, message, hint })
    }
  }
  return { undone, reasons }
}

async function applyTurn<N extends TableName>(tx: Transaction, table: N, turn: Turn, context: Context): Promise<Undone> {
  const stored = await tx.get(table, turn.id)
  const now: Fields | null = stored ? { ...stored } : null
  const former = turn.former && now ? givenBack(table, turn.former, now) : turn.former
  // The store keeps the records of a table in that table's form, at every moment.
  const record = former as Tables[N] | null
  await undoTables[table]?.guard?.({ now: stored ?? null, former: record }, tx, context)
  await write(tx, table, turn.id, stored, record && { ...record, ...touchedAt(record, context) })
  if (table === 'servers') await context.flows.note(tx, 'undo', { state: null, server: former as Server, call: context })
  const event = now === null ? 'created' : former === null ? 'removed' : 'changed'
  return { type: turn.noun, id: turn.id, name: turn.name, event, changes: differences(now, former) }
}

async function write<N extends TableName>(
  tx: Transaction,
  table: N,
  id: string,
  stored: Tables[N] | undefined,
  record: Tables[N] | null,
): Promise<void> {
  if (!record) await tx.remove(table, id)
  else if (stored) await tx.update(table, { ...record, generation: stored.generation })
  else await tx.restore(table, record)
}

/** It is changed now, whatever it was then. */
const touchedAt = (record: object, { clock }: Context) => ('updatedAt' in record ? { updatedAt: iso(clock.wall()) } : {})
