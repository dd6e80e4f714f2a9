import { list, object, reference, z } from '../../core/schema.ts'
import { changeMigration, openMigration } from '../../flows/moving.ts'
import { changeServer } from '../../flows/server-steps.ts'
import { serverView } from '../../model/server-view.ts'
import type { Transaction } from '../../state/store.ts'
import { type Context, defineAction, writing } from '../context.ts'
import { find } from '../find.ts'
import { serverViews } from './server-flows.ts'

export const resetState = defineAction({
  name: 'server.reset-state',
  summary: 'declare the state of servers, whatever was under way',
  effect: 'write',
  policy: 'admin',
  input: object({
    servers: list(reference(), 100).min(1).describe('names or ids of servers'),
    active: z.boolean().default(false).describe('to active instead of error'),
  }),
  output: z.array(serverView),
  async run(input, context) {
    const ids = await writing(context, 'server.reset-state', async (tx) => {
      const changed: string[] = []
      for (const reference of new Set(input.servers)) {
        const server = await find(tx, 'servers', reference, context)
        await context.flows.preempt(tx, server.id, 'reset-state')
        await closeLive(tx, server.id, context)
        await changeServer(tx, server.id, {
          vmState: input.active ? 'active' : 'error',
          taskState: null,
          stateBeforeDelete: null,
          deletedAt: null,
        })
        await context.flows.note(tx, 'reset-state', {
          state: null,
          server,
          call: context,
        })
        changed.push(server.id)
      }
      return changed
    })
    return serverViews(ids, context)
  },
})

/** Nobody works on a live move any more, so both hosts' claims would stay for ever; a process that still moves it is told to stop. */
async function closeLive(tx: Transaction, serverId: string, context: Context): Promise<void> {
  const open = await openMigration(tx, serverId)
  if (open?.type !== 'live') return
  await tx.update('migrations', { ...open, order: 'abort', reason: 'reset-state' })
  await changeMigration(tx, { migrationId: open.id }, 'error', context)
}
