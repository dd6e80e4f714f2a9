import { Fault } from '../../core/fault.ts'
import { count, object, reference, z } from '../../core/schema.ts'
import type { Server } from '../../model/server.ts'
import { statusOf } from '../../model/states.ts'
import { defineAction } from '../context.ts'
import { find } from '../find.ts'

const pollMs = 200
const goals = ['active', 'stopped', 'paused', 'suspended', 'rescued', 'idle', 'login', 'deleted'] as const

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
      .describe('what to wait for; idle: no operation runs; login: a login prompt on the console'),
    timeout: count(1, 86_400).default(300).describe('seconds to wait at most'),
  }),
  output: z.strictObject({ id: z.string(), name: z.string(), status: z.string() }),
  async run(input, context) {
    const { id } = await context.store.read((reader) => find(reader, 'servers', input.server, context))
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
      if (input.for !== 'login') return server.vmState === input.for && server.taskState === null
      if (server.vmState !== 'active' || server.host === null) return false
      const call = { host: server.host, method: 'consoleLog', args: { bytes: 65_536 }, serverId: id, epoch: 0 } as const
      return /\blogin:/.test(await context.compute.call(call))
    }
  },
})

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
