import { Fault } from '../../core/fault.ts'
import { number, object, z } from '../../core/schema.ts'
import { fleetOf } from '../../flows/placement.ts'
import { byServer } from '../../model/migration.ts'
import type { Server } from '../../model/server.ts'
import { planRebalance, type RebalanceMove, type RebalancePlan } from '../../scheduler/rebalance.ts'
import type { MovableServer } from '../../scheduler/relocate.ts'
import type { Reader } from '../../state/store.ts'
import { type Context, defineAction, writing } from '../context.ts'
import { moveAway, recordMover } from '../server/move-away.ts'
import { moveEach, moveRow } from '../server/move-each.ts'
import { placementRequest } from '../server/placement-request.ts'

/** A destroy in one thing only: it is asked about, or told `--yes`, because it chooses the servers itself. */
export const rebalance = defineAction({
  name: 'host.rebalance',
  summary: 'even out the claimed memory of hosts with few cold migrations; running servers move with --cold only',
  effect: 'destroy',
  policy: 'admin',
  input: object({
    goal: z.enum(['ram']).default('ram').describe('what is evened out: claimed memory of what may be claimed'),
    tolerance: number(0.01, 1).default(0.1).describe("how far a host's ratio may be from the mean"),
    cold: z.boolean().default(false).describe('shut running servers down for their move'),
  }),
  output: z.array(moveRow),
  async run(input, context) {
    const plan = await writing(context, 'host.rebalance', async (tx) => {
      const fleet = await fleetOf(tx, context.settings)
      const made = planRebalance(fleet, await movableServers(tx, input.cold, context), input.tolerance)
      if (made.moves.length > 0) await recordMover(tx, 'host.rebalance', 'fleet', context)
      return made
    })
    context.progress(summaryOf(plan, input.tolerance, context))
    const moves = plan.moves.map((move) => ({ ...move, id: move.serverId, name: move.serverName }))
    // One after another: each was planned to fit beside what is there once the one before it is over.
    const work = { label: 'rebalance', from: ({ from }: RebalanceMove) => from, parallel: 1 }
    const begin = ({ id, to }: { id: string; to: string }) => moveAway(id, { action: 'host.rebalance', host: to }, context)
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

/** Idle, unlocked servers without an unfinished move; one whose hints name a server that is gone stays. */
async function movableServers(reader: Reader, cold: boolean, context: Context): Promise<MovableServer[]> {
  const moving = byServer(await reader.list('migrations', { where: { open: true } }))
  const servers = await reader.list('servers', { where: { deleted: false } })
  const movable: MovableServer[] = []
  for (const server of servers) {
    if (server.host === null || !isIdle(server, cold) || moving.has(server.id)) continue
    const request = await placementRequest(reader, server, context).catch(unlessGone)
    if (request) movable.push({ request, from: server.host })
  }
  return movable
}

const isIdle = ({ vmState, taskState, lockedBy }: Server, cold: boolean): boolean =>
  taskState === null && lockedBy === null && (vmState === 'stopped' || (cold && vmState === 'active'))

function unlessGone(error: unknown): undefined {
  if (error instanceof Fault && error.kind === 'not-found') return undefined
  throw error
}
