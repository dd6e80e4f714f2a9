import { number, object, z } from '../../core/schema.ts'
import { fleetOf } from '../../flows/placement.ts'
import type { HostRecord } from '../../model/host.ts'
import { byServer } from '../../model/migration.ts'
import type { Server } from '../../model/server.ts'
import { planRebalance, type RebalanceMove, type RebalancePlan } from '../../scheduler/rebalance.ts'
import type { MovableServer } from '../../scheduler/relocate.ts'
import type { Reader } from '../../state/store.ts'
import { type Context, defineAction, reading, writing } from '../context.ts'
import { moveAway, recordMover } from '../server/move-away.ts'
import { moveEach, moveRow } from '../server/move-each.ts'
import { placementRequest } from '../server/placement-request.ts'

/** A destroy in one thing only: it is asked about, or told `--yes`, because it chooses the servers itself. */
export const rebalance = defineAction({
  name: 'host.rebalance',
  summary: 'even out the claimed memory of hosts with few moves; servers that run move live',
  effect: 'destroy',
  policy: 'admin',
  input: object({
    goal: z.enum(['ram']).default('ram').describe('what is evened out: claimed memory of what may be claimed'),
    tolerance: number(0.01, 1).default(0.1).describe("how far a host's ratio may be from the mean"),
    cold: z.boolean().default(false).describe('shut running servers down for their move when they cannot move live'),
  }),
  output: z.array(moveRow),
  async run(input, context) {
    const live = input.cold ? undefined : await liveDrivers(context)
    const plan = await writing(context, 'host.rebalance', async (tx) => {
      const fleet = await fleetOf(tx, context.settings)
      const made = planRebalance(fleet, await movableServers(tx, live, context), input.tolerance)
      if (made.moves.length > 0) await recordMover(tx, 'host.rebalance', 'fleet', context)
      return made
    })
    context.progress(summaryOf(plan, input.tolerance, context))
    const moves = plan.moves.map((move) => ({ ...move, id: move.serverId, name: move.serverName }))
    // One after another: each was planned to fit beside what is there once the one before it is over.
    const work = { label: 'rebalance', from: ({ from }: RebalanceMove) => from, parallel: 1 }
    const begin = ({ id, to }: { id: string; to: string }) =>
      moveAway(id, { action: 'host.rebalance', host: to, mayShutDown: input.cold }, context)
    return moveEach(moves, { ...work, begin }, context)
  },
})

const percent = (ratio: number) => `${(ratio * 100).toFixed(1)} %`

/** In a plan a step, because nothing else of a plan is printed. */
function summaryOf({ moves, mean, before, after }: RebalancePlan, tolerance: number, { plan }: Context) {
  const rest = after > tolerance + 1e-9 ? '; no move that the filters allow comes nearer' : ''
  const message = `${moves.length} moves; mean ${percent(mean)}, farthest host ${percent(before)} from it before, ${percent(after)} after${rest}`
  return plan
    ? ({ type: 'step', flow: 'rebalance', step: message, status: 'done' } as const)
    : ({ type: 'note', message } as const)
}

/** Drivers of which one host says that it moves running servers; the others of a driver are asked when a server is to move. */
async function liveDrivers(context: Context): Promise<ReadonlySet<string>> {
  const hosts = await reading(context, (reader) => reader.list('hosts'))
  const drivers = [...new Set(hosts.map(({ driver }) => driver))]
  const can = await Promise.all(
    drivers.map((driver) =>
      anyMovesLive(
        hosts.filter((host) => host.driver === driver),
        context,
      ),
    ),
  )
  return new Set(drivers.filter((_, index) => can[index]))
}

async function anyMovesLive(hosts: readonly HostRecord[], context: Context): Promise<boolean> {
  for (const { name } of hosts) {
    const call = {
      host: name,
      method: 'capabilities',
      args: undefined,
      serverId: null,
      epoch: 0,
      signal: context.signal,
    } as const
    const answer = await context.compute.call(call).catch(() => undefined)
    if (answer) return answer.includes('moveLive')
  }
  return false
}

/** Idle, unlocked servers without an unfinished move; `live` undefined: running ones whatever their driver can. */
async function movableServers(reader: Reader, live: ReadonlySet<string> | undefined, context: Context): Promise<MovableServer[]> {
  const moving = byServer(await reader.list('migrations', { where: { open: true } }))
  const driverOf = new Map((await reader.list('hosts')).map(({ name, driver }) => [name, driver]))
  const servers = await reader.list('servers', { where: { deleted: false } })
  const movable: MovableServer[] = []
  for (const server of servers) {
    if (server.host === null || moving.has(server.id)) continue
    if (!isIdle(server, live === undefined || live.has(driverOf.get(server.host) ?? ''))) continue
    movable.push({ request: await placementRequest(reader, server, context), from: server.host })
  }
  return movable
}

const isIdle = ({ vmState, taskState, lockedBy, adopted }: Server, mayRun: boolean): boolean =>
  adopted === null && taskState === null && lockedBy === null && (vmState === 'stopped' || (mayRun && vmState === 'active'))
