import { defineFilter } from '../define-filter.ts'
import { groupMembers } from '../group-members.ts'

/** ServerGroupAntiAffinityFilter: a host holds at most `max_server_per_host` (1) members of an `anti-affinity` group. */
export const serverGroupAntiAffinityFilter = defineFilter('ServerGroupAntiAffinityFilter', (request) => {
  const { group } = request
  if (group?.policy !== 'anti-affinity') return null
  const most = group.maxServerPerHost ?? 1
  return (candidate) => {
    const members = groupMembers(candidate, request)
    if (members < most) return true
    return {
      reason: `holds ${members} of at most ${most} members of group ${group.name} (anti-affinity)`,
      change: `leave group ${group.name}`,
    }
  }
})
