/** The two ends of a move: confirm and revert. */
import { Fault } from '../../core/fault.ts'
import { confirmResize } from '../../flows/confirm-resize.ts'
import type { Flow } from '../../flows/flow.ts'
import { changeMigration, type MoveState, openMigration } from '../../flows/moving.ts'
import { revertResize } from '../../flows/revert-resize.ts'
import { changeServer } from '../../flows/server-steps.ts'
import { guard } from '../../model/guards.ts'
import type { Migration } from '../../model/migration.ts'
import type { Server } from '../../model/server.ts'
import type { TaskState } from '../../model/states.ts'
import type { Transaction } from '../../state/store.ts'
import type { Context } from '../context.ts'
import { operate } from './server-flows.ts'

interface End {
  readonly flow: Flow<MoveState>
  readonly task: TaskState
  readonly from: readonly Migration['status'][]
}

/** A move that reset-state cut off can only go back. */
const ends: Record<'confirm' | 'revert', End> = {
  confirm: { flow: confirmResize, task: 'resize_confirming', from: ['finished', 'confirming'] },
  revert: { flow: revertResize, task: 'resize_reverting', from: ['migrating', 'finished', 'reverting'] },
}

/** Ends the moves of servers one way and waits for it, or leaves it to another process. */
export const endMove = (way: keyof typeof ends, references: readonly string[], wait: boolean, context: Context) =>
  operate(references, way, wait, context, (tx, server, own) => beginEnd(tx, way, server, own, context))

async function beginEnd(tx: Transaction, way: keyof typeof ends, server: Server, own: boolean, context: Context) {
  guard(way, server)
  const migration = await openMigration(tx, server.id)
  if (!migration) throw new Fault('conflict', `cannot ${way} server ${server.name}: it has no move that waits for it`)
  const { status, sourceHost, destHost, id: migrationId } = migration
  if (!ends[way].from.includes(status)) {
    const other = way === 'confirm' ? 'revert' : 'confirm'
    throw new Fault('conflict', `cannot ${way} server ${server.name}: its move from ${sourceHost} to ${destHost} is ${status}`, {
      hint: `nova resize-${other} ${server.name}`,
    })
  }
  // Once the old copy may be gone, nothing may try to go back to it.
  if (way === 'confirm') await changeMigration(tx, { migrationId }, 'confirming', context)
  await changeServer(tx, server.id, { taskState: ends[way].task })
  const state = { migrationId, sourceHost, destHost }
  return context.flows.begin(tx, ends[way].flow, { state, server, call: context, own })
}
