import { Fault } from '../../core/fault.ts'
import { count, object, reference, z } from '../../core/schema.ts'
import type { Server } from '../../model/server.ts'
import { statusOf } from '../../model/states.ts'
import type { Reader } from '../../state/store.ts'
import { type Context, defineAction } from '../context.ts'
import { find } from '../find.ts'

const pollMs = 200
const goals = ['active', 'stopped', 'paused', 'suspended', 'rescued', 'idle', 'ip', 'login', 'deleted'] as const

export const wait = defineAction({
  name: 'server.wait',
  summary: 'wait until a server is in a state',
  effect: 'read',
  policy: 'reader',
  input: object({
    server: reference().describe('name or id of the server'),
    for: z
      .enum(goals)
      .default('active')
      .describe(
        'what to wait for; idle: no operation runs; ip: an address or a forwarded ssh port; login: a prompt on the console',
      ),
    timeout: count(1, 86_400).default(300).describe('seconds to wait at most'),
  }),
  output: z.strictObject({ id: z.string(), name: z.string(), status: z.string() }),
  async run(input, context) {
    const { id } = await context.store.read((reader) => subjectOf(reader, input, context))
    const deadline = context.clock.monotonic() + input.timeout * 1000
    for (;;) {
      const server = await context.store.read((reader) => reader.get('servers', id))
      if (!server || server.deleted) return gone(input, server, id)
      const view = { id, name: server.name, status: statusOf(server) }
      if (await reached(server)) return view
      if (server.vmState === 'error' && server.taskState === null && input.for !== 'idle') throw failed(server, input.for)
      if (context.clock.monotonic() > deadline) throw late(server, input)
      await context.clock.sleep(pollMs, context.signal)
    }

    async function reached(server: Server): Promise<boolean> {
      if (input.for === 'idle') return server.taskState === null
      if (input.for === 'ip') return server.nics.some(({ address, sshPort }) => address !== null || sshPort !== null)
      if (input.for === 'deleted') return server.vmState === 'soft-delete' && server.taskState === null
      if (input.for !== 'login') return server.vmState === input.for && server.taskState === null
      if (server.vmState !== 'active' || server.host === null) return false
      const call = { host: server.host, method: 'consoleLog', args: { bytes: 65_536 }, serverId: id, epoch: 0 } as const
      return /\blogin:/.test(await context.compute.call(call))
    }
  },
})

/** Who waits for a delete may come when it is done: then the newest deleted server of that id or name is meant. */
async function subjectOf(reader: Reader, input: { for: string; server: string }, context: Context): Promise<Server> {
  return find(reader, 'servers', input.server, context).catch(async (fault: unknown) => {
    if (input.for !== 'deleted' || !(fault instanceof Fault) || fault.kind !== 'not-found') throw fault
    const { projectId } = context
    const where = { name: input.server, projectId, deleted: true }
    const byId = await reader.get('servers', input.server)
    const [byName] = await reader.list('servers', { where, newestFirst: true, limit: 1 })
    const server = byId?.projectId === projectId ? byId : byName
    if (!server) throw fault
    return server
  })
}

function gone(input: { for: string; server: string }, server: Server | undefined, id: string) {
  if (input.for === 'deleted') return { id, name: server?.name ?? input.server, status: 'DELETED' }
  throw new Fault('not-found', `server ${input.server} was deleted while waiting for ${input.for}`)
}

const failed = (server: Server, goal: string) =>
  new Fault(
    'conflict',
    `server ${server.name} went to ERROR while waiting for ${goal}: ${server.fault?.message ?? 'no reason recorded'}`,
    { hint: `nova server events ${server.name}` },
  )

const late = (server: Server, input: { for: string; timeout: number }) =>
  new Fault(
    'timeout',
    `server ${server.name} is ${statusOf(server)} (${server.taskState ?? 'idle'}), not ${input.for}, after ${input.timeout} s`,
    {
      hint: `nova server events ${server.name}`,
    },
  )
