import { describe, expect, it } from 'vitest'
import { remove } from '../../../../src/actions/flavor/delete.ts'
import { set } from '../../../../src/actions/flavor/set.ts'
import { show } from '../../../../src/actions/history/show.ts'
import { create as createKeypair } from '../../../../src/actions/keypair/create.ts'
import { set as setQuota } from '../../../../src/actions/quota/set.ts'
import { aContext, faultOf, given, mallory, performed, seenBy } from '../../../support/a-context.ts'
import { aFlavor } from '../../../support/a-flavor.ts'
import { aHost } from '../../../support/a-host.ts'
import { aServer } from '../../../support/a-server.ts'

describe('history show', () => {
  it('tells who changed which fields, from the first write to the removal', async () => {
    const context = aContext()
    await given(context, 'flavors', aFlavor())
    await performed(
      set,
      { flavor: 'm1.tiny', extraSpecs: [['__proto__', 'x']], description: 'small' },
      { ...context, requestId: 'req-2' },
    )
    await performed(remove, { flavors: ['m1.tiny'] }, context)
    const entries = Object(await performed(show, { type: 'flavor', name: 'f1' }, context))
    expect(entries).toMatchObject([
      { revision: 1, actor: 'test', action: 'given', event: 'created' },
      {
        revision: 2,
        at: '2026-01-01T00:00:00.000Z',
        actor: 'alice',
        request: 'req-2',
        action: 'flavor.set',
        event: 'changed',
        changes: [
          { field: 'extraSpecs', before: [], after: [['__proto__', 'x']] },
          { field: 'description', before: null, after: 'small' },
        ],
      },
      { revision: 3, action: 'flavor.delete', event: 'removed' },
    ])
    expect(entries[0].changes).toContainEqual({ field: 'name', before: null, after: 'm1.tiny' })
    expect(await performed(show, { type: 'flavor', name: 'f1', limit: 1 }, context)).toEqual(entries.slice(-1))
  })

  it('finds a record by name, also a deleted server', async () => {
    const context = aContext()
    await given(context, 'flavors', aFlavor())
    await given(context, 'servers', aServer({ deleted: true }), aServer({ id: 's2', projectId: 'p2', deleted: true }))
    expect(await performed(show, { type: 'flavor', name: 'm1.tiny' }, context)).toHaveLength(1)
    expect(await performed(show, { type: 'server', name: 'web-1' }, context)).toHaveLength(1)
  })

  it('is there for key pairs and quotas, and holds no private key', async () => {
    const context = aContext()
    await performed(createKeypair, { name: 'mine' }, context)
    await performed(setQuota, { cores: 5 }, context)
    const entries = await performed(show, { type: 'keypair', name: 'mine' }, context)
    expect(entries).toMatchObject([{ action: 'keypair.create', event: 'created' }])
    expect(JSON.stringify(entries)).not.toContain('PRIVATE')
    expect(await performed(show, { type: 'quota', name: 'p1' }, context)).toMatchObject([{ action: 'quota.set' }])
  })

  it.each([
    ['server', 's1'],
    ['server', 'web-1'],
    ['flavor', 'f1'],
    ['host', 'h1'],
    ['keypair', 'mine'],
    ['quota', 'p1'],
    ['image', '__proto__'],
    ['aggregate', 'constructor'],
  ])('looks missing to another project: %s %s', async (type, name) => {
    const context = aContext()
    await given(context, 'servers', aServer())
    await given(context, 'flavors', aFlavor({ isPublic: false }))
    await given(context, 'hosts', aHost())
    await performed(createKeypair, { name: 'mine' }, context)
    await performed(setQuota, { cores: 5 }, context)
    const other = seenBy(context, mallory)
    const foreign = await faultOf(show, { type, name }, other)
    const absent = await faultOf(show, { type, name: 'fnord' }, other)
    expect(foreign.toJSON()).toEqual({ ...absent.toJSON(), message: absent.message.replace('fnord', name) })
  })

  it.each([
    [{ type: 'flow', name: 'x' }, 'type must be one of: server, image, flavor'],
    [{ type: 'server' }, 'name is missing'],
    [{ type: 'server', name: 'x', limit: 0 }, 'limit is 0'],
  ])('refuses %j', async (input, message) => {
    const fault = await faultOf(show, input, aContext())
    expect(fault.kind).toBe('invalid')
    expect(fault.message).toContain(message)
  })
})
