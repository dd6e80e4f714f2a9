import { Fault } from '../../core/fault.ts'
import { count, name, object, z } from '../../core/schema.ts'
import { iso } from '../../core/time.ts'
import { groupPolicies, serverGroupView, viewOfServerGroup } from '../../model/placement.ts'
import type { Transaction } from '../../state/store.ts'
import { defineAction, writing } from '../context.ts'
import { checkCount } from '../quota/usage.ts'
import { membersOf } from './members.ts'

export const create = defineAction({
  name: 'server-group.create',
  summary: 'create a group of servers that stay together or apart',
  effect: 'write',
  policy: 'member',
  input: object({
    name: name().describe('name of the group'),
    policy: z.enum(groupPolicies).describe('how its servers are placed'),
    maxServerPerHost: count(1, 1000).optional().describe('servers that one host may hold (anti-affinity)'),
    orReuse: z.boolean().default(false).describe('take the group of that name and policy when there is one'),
  }),
  output: serverGroupView,
  async run(input, context) {
    const { projectId } = context
    if (input.maxServerPerHost !== undefined && input.policy !== 'anti-affinity')
      throw new Fault('invalid', `max servers per host needs the policy anti-affinity, not ${input.policy}`)
    return writing(context, 'server-group.create', async (tx) => {
      const [same] = await tx.list('serverGroups', { where: { projectId, name: input.name, policy: input.policy }, limit: 1 })
      if (same && input.orReuse) return viewOfServerGroup(same, await membersOf(tx, same.id))
      await checkOneMore(tx, projectId)
      const group = await tx.insert('serverGroups', {
        id: context.random.uuid(),
        projectId,
        name: input.name,
        policy: input.policy,
        maxServerPerHost: input.maxServerPerHost ?? null,
        createdAt: iso(context.clock.wall()),
      })
      return viewOfServerGroup(group, [])
    })
  },
})

/** Throws `over-quota` when the project may have no further group. */
export async function checkOneMore(tx: Transaction, projectId: string): Promise<void> {
  await checkCount(tx, projectId, 'server_groups', await tx.count('serverGroups', { where: { projectId } }))
}
