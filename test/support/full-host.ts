/** A small cloud whose host-a is full of servers, and calls as different commands make them. */
import { create } from '../../src/actions/server/create.ts'
import type { AnyAction } from '../../src/core/action.ts'
import type { Random } from '../../src/core/ports.ts'
import { aCloud, type Cloud, type CloudOptions } from './a-cloud.ts'
import { performed, type TestContext } from './a-context.ts'

let requests = 0
let drawn = 0

/** Other bytes each time, so that no two servers share an address; the same in every run. */
const varied = (): Random => ({
  bytes: (length) => Uint8Array.from({ length }, () => (drawn++ * 7 + 1) % 251),
  uuid: () => `00000000-0000-4000-8000-${String(++drawn).padStart(12, '0')}`,
})

/** One command: a call with a request id of its own. */
export const command = (action: AnyAction, input: unknown, context: TestContext): Promise<unknown> =>
  performed(action, input, { ...context, requestId: `req-command-${++requests}` })

/** Servers with these names run on host-a; host-b and host-c are empty. */
export async function aFullHost(names: readonly string[], options: CloudOptions = {}): Promise<Cloud> {
  const cloud = await aCloud(['host-a', 'host-b', 'host-c'], { random: varied(), ...options })
  for (const name of names)
    await command(create, { name, image: 'cirros', flavor: 'm1.small', availabilityZone: ':host-a' }, cloud.context)
  return cloud
}

/** The same cloud, whose drivers say that they move no running servers. */
export const withoutLive = (context: TestContext): TestContext => ({
  ...context,
  compute: {
    call: async (request) => {
      const answer = await context.compute.call(request)
      return (Array.isArray(answer) ? answer.filter((name: unknown) => name !== 'moveLive') : answer) as typeof answer
    },
  },
})
