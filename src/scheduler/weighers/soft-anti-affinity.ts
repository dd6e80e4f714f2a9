import { groupMembers } from '../group-members.ts'
import type { Weigher } from '../types.ts'

/** soft-anti-affinity: minus the members of the server's `soft-anti-affinity` group on the host. */
export const softAntiAffinity: Weigher = {
  name: 'soft-anti-affinity',
  applies: ({ group }) => group?.policy === 'soft-anti-affinity',
  weigh: (candidate, request) => (request.group?.policy === 'soft-anti-affinity' ? 0 - groupMembers(candidate, request) : 0),
}
