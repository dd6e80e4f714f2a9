import { count, list, object, reference, z } from '../../core/schema.ts'
import { type OperationState, operations, taskOf } from '../../flows/operate-server.ts'
import { changeServer } from '../../flows/server-steps.ts'
import { type GuardedAction, guard } from '../../model/guards.ts'
import type { Server } from '../../model/server.ts'
import { serverView } from '../../model/server-view.ts'
import type { Transaction } from '../../state/store.ts'
import { type Context, defineAction } from '../context.ts'
import { operate, serverViews } from './server-flows.ts'

/** Fields of every operation on servers. */
export const serversField = list(reference(), 100).min(1).describe('names or ids of servers')
export const waitField = z.boolean().default(true).describe('return when it is done')
const timeoutField = count(0, 3600).optional().describe('seconds that the guest gets to shut down by itself')

/** The state an operation begins with; overridden by the operations that carry more. */
const plainState = (context: Context): OperationState => ({
  timeoutMs: context.settings.shutdownTimeout * 1000,
  rescueImageId: null,
})

/** Marks the server busy and begins the operation's flow. */
export async function beginOperation(
  tx: Transaction,
  name: GuardedAction,
  server: Server,
  own: boolean,
  context: Context,
  state: Partial<OperationState> = {},
) {
  guard(name, server)
  const flow = operations.get(name)
  if (!flow) throw new Error(`no flow for ${name}`)
  // The guard lets a few interrupt another operation: that one must not go on beside it.
  if (server.taskState !== null) await context.flows.preempt(tx, server.id, name)
  await changeServer(tx, server.id, { taskState: taskOf(name) })
  const start = {
    state: { ...plainState(context), ...state },
    server,
    call: context,
    own,
  }
  return context.flows.begin(tx, flow, start)
}

/** An action that does one operation on each of some servers. */
export const operationAction = (name: 'start' | 'pause' | 'unpause' | 'suspend' | 'resume' | 'unrescue', summary: string) =>
  defineAction({
    name: `server.${name}`,
    summary,
    effect: 'write',
    policy: 'member',
    input: object({ servers: serversField, wait: waitField }),
    output: z.array(serverView),
    async run(input, context) {
      const begin = (tx: Transaction, server: Server, own: boolean) => beginOperation(tx, name, server, own, context)
      return serverViews(await operate(input.servers, name, input.wait, context, begin), context)
    },
  })

/** An action that asks guests to shut down and forces them after a timeout. */
export const shutdownAction = (verb: 'stop' | 'reboot', summary: string) =>
  defineAction({
    name: `server.${verb}`,
    summary,
    effect: 'write',
    policy: 'member',
    input: object({
      servers: serversField,
      hard: z.boolean().default(false).describe('at once, without asking the guest'),
      shutdownTimeout: timeoutField,
      wait: waitField,
    }),
    output: z.array(serverView),
    async run(input, context) {
      const timeoutMs = input.hard ? 0 : (input.shutdownTimeout ?? context.settings.shutdownTimeout) * 1000
      const name = verb === 'reboot' && input.hard ? 'reboot-hard' : verb
      const begin = (tx: Transaction, server: Server, own: boolean) =>
        beginOperation(tx, name, server, own, context, { timeoutMs })
      return serverViews(await operate(input.servers, verb, input.wait, context, begin), context)
    },
  })
