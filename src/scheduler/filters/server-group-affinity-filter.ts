import { defineFilter } from '../define-filter.ts'

/** ServerGroupAffinityFilter: members of an `affinity` group share the host of those that are placed; the first goes anywhere. */
export const serverGroupAffinityFilter = defineFilter('ServerGroupAffinityFilter', ({ group, serverId }, { candidates }) => {
  if (group?.policy !== 'affinity') return null
  const hosts = new Set<string>()
  for (const { name, servers } of candidates) {
    if (servers.some((server) => server.groupId === group.id && server.id !== serverId)) hosts.add(name)
  }
  if (hosts.size === 0) return null
  const where = [...hosts].slice(0, 3).join(', ')
  return ({ name }) =>
    hosts.has(name) || { reason: `group ${group.name} is on ${where} (affinity)`, change: `leave group ${group.name}` }
})
