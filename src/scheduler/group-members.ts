import type { Candidate, PlacementRequest } from './types.ts'

/** How many members of the request's group the host holds, apart from the server itself. */
export function groupMembers({ servers }: Candidate, { group, serverId }: PlacementRequest): number {
  if (group === null) return 0
  let members = 0
  for (const server of servers) if (server.groupId === group.id && server.id !== serverId) members++
  return members
}
