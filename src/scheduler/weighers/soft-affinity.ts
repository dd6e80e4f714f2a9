import { groupMembers } from '../group-members.ts'
import type { Weigher } from '../types.ts'

/** soft-affinity: members of the server's `soft-affinity` group on the host. */
export const softAffinity: Weigher = {
  name: 'soft-affinity',
  applies: ({ group }) => group?.policy === 'soft-affinity',
  weigh: (candidate, request) => (request.group?.policy === 'soft-affinity' ? groupMembers(candidate, request) : 0),
}
