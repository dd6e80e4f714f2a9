import { defineFilter } from '../define-filter.ts'

/** DifferentHostFilter: with the hint `different_host`, the host holds none of the named servers. */
export const differentHostFilter = defineFilter('DifferentHostFilter', ({ hints }, fleet) => {
  if (hints.differentHost.length === 0) return null
  const servers = new Map<string, string>()
  for (const id of hints.differentHost) {
    const host = fleet.hostOf(id)
    if (host !== undefined) servers.set(host, id)
  }
  if (servers.size === 0) return null
  return ({ name }) =>
    !servers.has(name) || { reason: `holds server ${servers.get(name)} of different_host`, change: 'drop hint different_host' }
})
