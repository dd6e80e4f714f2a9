import { groupMembers } from '../group-members.ts'
import type { Weigher } from '../types.ts'

/** server-group: members of the server's group on the host, whatever the policy; off (multiplier 0) unless set. */
export const serverGroup: Weigher = {
  name: 'server-group',
  applies: ({ group }) => group !== null,
  weigh: groupMembers,
}
