/** Orders to a live move that is under way. They go by its record: the process that works on it may be another one. */
import { Fault } from '../../core/fault.ts'
import { holds } from '../../core/perform.ts'
import { iso } from '../../core/time.ts'
import { openMigration } from '../../flows/moving.ts'
import { guardLock } from '../../model/guards.ts'
import { type Migration, type MigrationView, viewOfMigration } from '../../model/migration.ts'
import type { Transaction } from '../../state/store.ts'
import { type Context, writing } from '../context.ts'
import { find } from '../find.ts'

/** When each order may come: nothing is there to hasten before the memory travels. */
const during: Record<'abort' | 'force-complete', readonly Migration['status'][]> = {
  abort: ['queued', 'preparing', 'running'],
  'force-complete': ['running'],
}

/** Leaves the order in the record; `reference` names the move by its id, or the server that moves. */
export const giveOrder = (order: keyof typeof during, reference: string, context: Context): Promise<MigrationView> =>
  writing(context, `migration.${order}`, async (tx) => {
    const migration = await migrationNamed(tx, reference, context)
    const server = await tx.get('servers', migration.serverId)
    if (server) guardLock(order, server, holds(context, 'admin'))
    const name = server?.name ?? migration.serverId
    const { type, status } = migration
    if (type !== 'live' || !during[order].includes(status))
      throw new Fault('conflict', `cannot ${order} the ${type} migration of server ${name}: it is ${status}`, {
        hint: type === 'live' ? `${order} needs one that is ${during[order].join(' or ')}` : `nova resize-revert ${name}`,
      })
    if (order === 'force-complete' && migration.order === 'abort')
      throw new Fault('conflict', `cannot ${order} the live migration of server ${name}: its abort was ordered already`)
    const ordered = { ...migration, order, updatedAt: iso(context.clock.wall()) }
    return viewOfMigration(await tx.update('migrations', ordered), server)
  })

async function migrationNamed(tx: Transaction, reference: string, context: Context): Promise<Migration> {
  const direct = await tx.get('migrations', reference)
  if (direct && (direct.projectId === context.projectId || holds(context, 'admin'))) return direct
  const server = await find(tx, 'servers', reference, context).catch(() => undefined)
  const open = server && (await openMigration(tx, server.id))
  if (open) return open
  const what = server ? `server ${server.name} has no migration that is under way` : `no migration or server "${reference}"`
  throw new Fault('not-found', what, { hint: 'nova migration list' })
}
