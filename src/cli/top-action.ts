/** `nova top`: one look at the daemon's gauges, its services and its hosts. */
import { Fault } from '../core/fault.ts'
import { count, object, z } from '../core/schema.ts'
import type { Target } from './connection.ts'
import { daemonGauges, daemonTop, hostLoad, serviceLoad } from './daemon-top.ts'
import { defineLocal, type LocalCall } from './local-action.ts'

export const defaultInterval = 2

export const top = defineLocal({
  name: 'daemon.top',
  summary: 'watch what the daemon does: calls, operations, servers by state, services, load of hosts',
  effect: 'read',
  policy: 'admin',
  input: object({
    once: z.boolean().default(false).describe('one look, also on a terminal'),
    interval: count(1, 3600).default(defaultInterval).describe('seconds between two looks on a terminal; q or Ctrl-C ends it'),
  }),
  output: daemonTop,
  async run(_input, call) {
    const session = await openSession(call.target())
    try {
      const ask = (method: string) => session.call(method, {}, quiet(call))
      const [gauges, services, hosts] = await Promise.all([ask('daemon.top'), ask('service.list'), ask('host.list')])
      return {
        ...daemonGauges.parse(gauges),
        services: z.array(serviceLoad).parse(services),
        hosts: z.array(hostLoad).parse(hosts),
      }
    } finally {
      await session.close()
    }
  },
})

const quiet = ({ signal }: LocalCall) => ({ signal, progress: () => undefined })

/** The daemon of the state directory, or of the endpoint that was named. */
async function openSession(target: Target) {
  const { connectEndpoint } = await import('./connect-endpoint.ts')
  if (target.endpoint !== undefined) return connectEndpoint(target.endpoint, target)
  const { stateDirectory } = target
  return connectEndpoint(`unix:${stateDirectory}/nova.sock`, target).catch((error: unknown) => {
    if (!(error instanceof Fault) || error.kind !== 'unreachable') throw error
    throw new Fault('unreachable', `no daemon serves ${stateDirectory}`, { hint: 'nova daemon start' })
  })
}
