/** Who may undo: whoever may do the action itself, and nobody sees more by it. */
import { describe, expect, it } from 'vitest'
import { create as createFlavor } from '../../../../src/actions/flavor/create.ts'
import { create as createKeypair } from '../../../../src/actions/keypair/create.ts'
import { set as setQuota } from '../../../../src/actions/quota/set.ts'
import { create as createGroup } from '../../../../src/actions/server-group/create.ts'
import { create as createToken } from '../../../../src/actions/token/create.ts'
import { aContext, mallory, performed, recordsOf } from '../../../support/a-context.ts'
import { requestsOf } from '../../../support/undone-requests.ts'

const big = { name: 'big', id: 'big', ram: 4096, vcpus: 4 }
const member = { userId: 'bob', roles: ['member'] } as const

describe('undo may be done by', () => {
  it('those who may do the action', async () => {
    const { does, undoes, refused } = requestsOf(aContext())
    const flavor = await does(createFlavor, big)
    expect(await refused(flavor, member)).toMatchObject({ kind: 'forbidden', message: expect.stringContaining('admin') })
    const group = await does(createGroup, { name: 'web', policy: 'affinity' })
    expect(await undoes(group, member)).toMatchObject({ result: 'undone' })
    expect(await refused(group, { userId: 'rita', roles: ['reader'] })).toMatchObject({ kind: 'forbidden' })
  })

  it('whom the policy file lets do the action', async () => {
    const context = aContext()
    const { does } = requestsOf(context)
    const flavor = await does(createFlavor, big)
    const closed = requestsOf({ ...context, roleNeeded: async () => 'nobody' })
    expect(await closed.refused(flavor)).toMatchObject({ kind: 'forbidden' })
    const lowered = requestsOf({ ...context, roleNeeded: async () => 'member' })
    expect(await lowered.undoes(flavor, member)).toMatchObject({ result: 'undone' })
  })

  it('nobody of another project, to whom it looks as if it were not there', async () => {
    const { does, refused } = requestsOf(aContext())
    const changes = [
      await does(createGroup, { name: 'web', policy: 'affinity' }),
      await does(createKeypair, { name: 'mine' }),
      await does(setQuota, { cores: 5 }),
      await does(createToken, { name: 't' }),
      await does(createFlavor, { ...big, isPublic: false }),
      ...['1', '2', '3', '4', '5'],
    ]
    const absent = await refused('req-nobody', mallory)
    for (const change of changes) {
      const fault = await refused(change, mallory)
      expect(fault.toJSON()).toEqual({ ...absent.toJSON(), message: absent.message.replace('req-nobody', change) })
    }
  })

  it('its owner alone for a key pair', async () => {
    const { does, refused } = requestsOf(aContext())
    const request = await does(createKeypair, { name: 'mine' })
    expect(await refused(request, { userId: 'carol' })).toMatchObject({ kind: 'forbidden' })
  })

  it('a caller whose request id somebody else took as well', async () => {
    const context = aContext()
    const same = { ...context, requestId: 'req-same' }
    await performed(createGroup, { name: 'web', policy: 'affinity' }, { ...same, ...member })
    await performed(createGroup, { name: 'web', policy: 'affinity' }, { ...same, ...mallory })
    const { undoes, refused } = requestsOf(context)
    expect(await refused('req-same')).toMatchObject({ message: expect.stringContaining('used by bob and mallory') })
    expect(await undoes('req-same', member)).toMatchObject({ result: 'undone', revisions: [1] })
    expect(await recordsOf(context.store, 'serverGroups')).toMatchObject([{ projectId: 'p2' }])
  })
})
