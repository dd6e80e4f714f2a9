import { describe, expect, it } from 'vitest'
import { create } from '../../../../src/actions/server-group/create.ts'
import { remove } from '../../../../src/actions/server-group/delete.ts'
import { list } from '../../../../src/actions/server-group/list.ts'
import { show } from '../../../../src/actions/server-group/show.ts'
import { aContext, faultOf, given, mallory, performed, recordsOf, seenBy } from '../../../support/a-context.ts'
import { aServer } from '../../../support/a-server.ts'
import { keepsToTheNoun } from '../../../support/noun-contract.ts'

const aGroup = (name: string, projectId = 'p1') => ({
  id: `id-${name}`,
  generation: 1,
  projectId,
  name,
  policy: 'anti-affinity' as const,
  maxServerPerHost: null,
  createdAt: '2026-01-01T00:00:00.000Z',
})

keepsToTheNoun({
  table: 'serverGroups',
  record: (name) => aGroup(name),
  show,
  showField: 'serverGroup',
  remove,
  removeField: 'serverGroups',
  scoped: true,
})

describe('server group', () => {
  it('knows its members by their records', async () => {
    const context = aContext()
    await given(context, 'serverGroups', aGroup('web'))
    await given(
      context,
      'servers',
      aServer({ groupId: 'id-web' }),
      aServer({ id: 's2', groupId: 'id-web', deleted: true }),
      aServer({ id: 's3' }),
    )
    expect(await performed(show, { serverGroup: 'web' }, context)).toMatchObject({ members: ['s1'] })
    expect(await performed(remove, { serverGroups: ['web'] }, context)).toMatchObject([{ members: ['s1'] }])
  })

  it('is created with its policy and listed to its project', async () => {
    const context = aContext()
    const input = { name: 'web', policy: 'anti-affinity', maxServerPerHost: 2 }
    expect(await performed(create, input, context)).toMatchObject({ ...input, projectId: 'p1', members: [] })
    await given(context, 'serverGroups', aGroup('foreign', 'p2'))
    expect(await performed(list, {}, context)).toMatchObject([{ name: 'web' }])
    expect(await performed(list, { allProjects: true }, context)).toHaveLength(2)
    expect(await performed(list, { allProjects: true }, seenBy(context, mallory))).toMatchObject([{ name: 'foreign' }])
  })

  it('is not made twice when asked to reuse', async () => {
    const context = aContext()
    await given(context, 'serverGroups', aGroup('web'))
    expect(await performed(create, { name: 'web', policy: 'anti-affinity', orReuse: true }, context)).toMatchObject({
      id: 'id-web',
    })
  })

  it.each([
    [{ name: 'web', policy: 'nearby' }, 'policy must be one of: affinity, anti-affinity, soft-affinity, soft-anti-affinity'],
    [{ name: 'web', policy: 'affinity', maxServerPerHost: 2 }, 'needs the policy anti-affinity, not affinity'],
    [{ name: 'web', policy: 'anti-affinity', maxServerPerHost: 0 }, 'the least is 1'],
  ])('refuses %j', async (input, message) => {
    const context = aContext()
    expect((await faultOf(create, input, context)).message).toContain(message)
    expect(await recordsOf(context.store, 'serverGroups')).toEqual([])
  })

  it('keeps within the quota', async () => {
    const context = aContext()
    await given(context, 'quotas', { id: 'p1', generation: 1, limits: [['server_groups', 0]] })
    const fault = await faultOf(create, { name: 'web', policy: 'affinity' }, context)
    expect(fault).toMatchObject({
      kind: 'over-quota',
      message: 'project p1 would have 1 server groups, the limit is 0 (0 in use)',
    })
  })
})
