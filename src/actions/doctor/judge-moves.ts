/** Moves whose confirm or revert was cut off: they can only go on the way that they began. */
import { Fault } from '../../core/fault.ts'
import type { Migration } from '../../model/migration.ts'
import type { Server } from '../../model/server.ts'
import { type Diagnosis, found } from './diagnosis.ts'
import type { Observation } from './look.ts'

/** The end that a move has begun, or undefined while both are open to it. */
export function begunEnd({ status }: Pick<Migration, 'status'>): 'confirm' | 'revert' | undefined {
  if (status === 'reverting') return 'revert'
  return status === 'confirming' ? 'confirm' : undefined
}

const half = ({ id }: Server, { openMoves }: Observation) =>
  openMoves.find((move) => move.serverId === id && begunEnd(move) !== undefined)

const toTheEnd = (move: Migration) => `${begunEnd(move)} its move from ${move.sourceHost} to ${move.destHost} to the end`

/** Once a revert has its record, the move can only go back: the copy on its destination is the one that goes. */
export function endOfRevert(server: Server, hosts: readonly string[], seen: Observation): string | null {
  const move = half(server, seen)
  if (move?.status !== 'reverting') return null
  return hosts.every((host) => host === move.sourceHost || host === move.destHost) ? toTheEnd(move) : null
}

/** A server with one copy whose move nobody ends: it cannot be used before somebody does. */
export function judgeHalfEnded(server: Server, seen: Observation): Diagnosis[] {
  const move = half(server, seen)
  if (!move || server.vmState !== 'resized' || seen.openFlows.some(({ serverId }) => serverId === server.id)) return []
  const { sourceHost, destHost } = move
  // The host that still has to let go of its copy; the other one has answered already.
  const other = server.host === sourceHost ? destHost : sourceHost
  const isReady = !(seen.answers.get(other)?.guests instanceof Fault) && server.lockedBy === null
  const message = `the ${begunEnd(move)} of its move from ${sourceHost} to ${destHost} was cut off`
  const facts = { serverId: server.id, severity: 'warning' as const, repair: isReady ? toTheEnd(move) : null }
  return [found('NVD025', `server ${server.name}`, message, facts)]
}
