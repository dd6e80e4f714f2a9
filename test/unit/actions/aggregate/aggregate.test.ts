import { describe, expect, it } from 'vitest'
import { addHost } from '../../../../src/actions/aggregate/add-host.ts'
import { create } from '../../../../src/actions/aggregate/create.ts'
import { remove } from '../../../../src/actions/aggregate/delete.ts'
import { list } from '../../../../src/actions/aggregate/list.ts'
import { removeHost } from '../../../../src/actions/aggregate/remove-host.ts'
import { set } from '../../../../src/actions/aggregate/set.ts'
import { show } from '../../../../src/actions/aggregate/show.ts'
import { unset } from '../../../../src/actions/aggregate/unset.ts'
import { list as listZones } from '../../../../src/actions/availability-zone/list.ts'
import type { AnyAction } from '../../../../src/core/action.ts'
import type { Aggregate } from '../../../../src/model/placement.ts'
import { aContext, faultOf, given, mallory, performed, seenBy } from '../../../support/a-context.ts'
import { aHost } from '../../../support/a-host.ts'
import { aServer } from '../../../support/a-server.ts'
import { keepsToTheNoun } from '../../../support/noun-contract.ts'

const anAggregate = (name: string, zone: string | null = null, ...hosts: string[]): Aggregate => ({
  id: `id-${name}`,
  generation: 1,
  name,
  hosts,
  metadata: zone === null ? [] : [['availability_zone', zone]],
  createdAt: '2026-01-01T00:00:00.000Z',
})

keepsToTheNoun({
  table: 'aggregates',
  record: (name) => anAggregate(name),
  show,
  showField: 'aggregate',
  remove,
  removeField: 'aggregates',
  scoped: false,
})

/** Hosts h1 and h2; h1 in zone az1 by aggregate one; aggregate two is zone az2, three is none. */
async function world() {
  const context = aContext()
  await given(context, 'hosts', aHost(), aHost({ name: 'h2' }))
  await given(context, 'aggregates', anAggregate('one', 'az1', 'h1'), anAggregate('two', 'az2'), anAggregate('three'))
  return context
}

describe('aggregate create and set', () => {
  it('keep a zone and metadata', async () => {
    const context = aContext()
    const made = await performed(
      create,
      {
        name: 'rack',
        zone: 'az1',
        metadata: [
          ['ssd', 'true'],
          ['__proto__', 'x'],
        ],
      },
      context,
    )
    expect(made).toMatchObject({ name: 'rack', availabilityZone: 'az1', hosts: [] })
    expect(Object.entries(Object(made).metadata)).toEqual([
      ['ssd', 'true'],
      ['__proto__', 'x'],
      ['availability_zone', 'az1'],
    ])
    expect(await performed(set, { aggregate: 'rack', name: 'shelf', metadata: [['ssd', 'false']] }, context)).toMatchObject({
      name: 'shelf',
    })
    expect(await performed(unset, { aggregate: 'shelf', metadata: ['ssd', '__proto__'], zone: true }, context)).toMatchObject({
      metadata: {},
      availabilityZone: null,
    })
    expect(await performed(list, {}, context)).toHaveLength(1)
  })

  it.each(['', 'az:host', ' az', '__proto__', 'a\nb'])('refuse the zone %j', async (zone) => {
    const metadata = [['availability_zone', zone]]
    const context = await world()
    expect(await faultOf(create, { name: 'rack', metadata }, context)).toMatchObject({ kind: 'invalid' })
    expect(await faultOf(set, { aggregate: 'three', metadata }, context)).toMatchObject({ kind: 'invalid' })
  })

  it('refuse a name that is taken', async () => {
    const context = await world()
    expect(await faultOf(create, { name: 'one' }, context)).toMatchObject({ kind: 'exists' })
    expect(await performed(create, { name: 'one', orReuse: true }, context)).toMatchObject({ id: 'id-one' })
    expect(await faultOf(set, { aggregate: 'two', name: 'one' }, context)).toMatchObject({ kind: 'exists' })
  })
})

describe('hosts of aggregates', () => {
  it('come and go', async () => {
    const context = await world()
    expect(await performed(addHost, { aggregate: 'three', host: 'id-h1' }, context)).toMatchObject({ hosts: ['h1'] })
    expect(await performed(removeHost, { aggregate: 'three', host: 'id-h1' }, context)).toMatchObject({ hosts: [] })
  })

  it.each([
    ['addHost', addHost, { aggregate: 'one', host: 'h1' }, 'exists', 'host h1 is in aggregate "one" already'],
    ['addHost', addHost, { aggregate: 'one', host: 'h9' }, 'not-found', 'no host with a name or id of "h9"'],
    [
      'addHost',
      addHost,
      { aggregate: 'two', host: 'h1' },
      'conflict',
      'host h1 is in zone az1 by aggregate "one", it cannot be in zone az2 by aggregate "two" too',
    ],
    ['removeHost', removeHost, { aggregate: 'one', host: 'h2' }, 'not-found', 'aggregate "one" has no host h2'],
    ['remove', remove, { aggregates: ['one'] }, 'conflict', 'aggregate "one" still has 1 host: h1'],
    ['set', set, { aggregate: 'two', metadata: [['availability_zone', 'x'.repeat(256)]] }, 'invalid', 'the limit is 255'],
  ] as const)('%s refuses bad input', async (_, action: AnyAction, input, kind, message) => {
    const fault = await faultOf(action, input, await world())
    expect(fault.kind).toBe(kind)
    expect(fault.message).toContain(message)
  })

  it('may be in two aggregates of one zone', async () => {
    const context = await world()
    await performed(set, { aggregate: 'three', zone: 'az1' }, context)
    expect(await performed(addHost, { aggregate: 'three', host: 'h1' }, context)).toMatchObject({ hosts: ['h1'] })
    const fault = await faultOf(set, { aggregate: 'three', zone: 'az9' }, context)
    expect(fault).toMatchObject({ kind: 'conflict', message: expect.stringContaining('zone az1 by aggregate "one"') })
  })

  it.each([
    ['set', set, { aggregate: 'one', zone: 'az9' }],
    ['unset', unset, { aggregate: 'one', zone: true }],
    ['removeHost', removeHost, { aggregate: 'one', host: 'h1' }],
  ] as const)('keep their zone while servers there asked for it: %s', async (_, action: AnyAction, input) => {
    const context = await world()
    await given(context, 'servers', aServer({ availabilityZone: 'az1' }), aServer({ id: 's2', name: 'free' }))
    const fault = await faultOf(action, input, context)
    expect(fault.kind).toBe('conflict')
    expect(fault.message).toMatch(
      /^host h1 cannot leave zone az1 for (az9|nova): 1 of its servers asked for their zone \(web-1\)$/,
    )
  })
})

describe('availability-zone list', () => {
  it('tells which zones have a host that can take servers, and hosts to admins', async () => {
    const context = await world()
    await given(context, 'hosts', aHost({ name: 'h3', enabled: false }))
    await performed(addHost, { aggregate: 'two', host: 'h3' }, context)
    expect(await performed(listZones, {}, context)).toEqual([
      { name: 'az1', state: 'available', hosts: ['h1'] },
      { name: 'az2', state: 'not available', hosts: ['h3'] },
      { name: 'nova', state: 'available', hosts: ['h2'] },
    ])
    expect(await performed(listZones, {}, seenBy(context, mallory))).toMatchObject([{ hosts: [] }, { hosts: [] }, { hosts: [] }])
  })
})
