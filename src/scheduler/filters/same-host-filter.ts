import { defineFilter } from '../define-filter.ts'

/** SameHostFilter: with the hint `same_host`, the host holds at least one of the named servers. */
export const sameHostFilter = defineFilter('SameHostFilter', ({ hints }, fleet) => {
  const { sameHost } = hints
  if (sameHost.length === 0) return null
  const hosts = new Set(sameHost.map((id) => fleet.hostOf(id)))
  return ({ name }) =>
    hosts.has(name) || {
      reason:
        sameHost.length === 1
          ? `does not hold server ${sameHost[0]}`
          : `holds none of the ${sameHost.length} servers of same_host`,
      change: 'drop hint same_host',
    }
})
