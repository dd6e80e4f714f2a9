import { counted } from '../counted.ts'
import { defineFilter } from '../define-filter.ts'

/** TypeAffinityFilter: a host holds servers of one flavor only. */
export const typeAffinityFilter = defineFilter('TypeAffinityFilter', ({ flavor, serverId }) => ({ servers }) => {
  let others = 0
  for (const server of servers) if (server.flavorId !== flavor.id && server.id !== serverId) others++
  return others === 0 || { reason: `holds ${counted(others, 'server')} of another flavor than ${flavor.name}` }
})
