/** `--plan` of every writing action of the record-keeping nouns: the real store and the image files stay as they are. */
import { expect, it } from 'vitest'
import { addHost } from '../../../src/actions/aggregate/add-host.ts'
import { create as createAggregate } from '../../../src/actions/aggregate/create.ts'
import { remove as deleteAggregate } from '../../../src/actions/aggregate/delete.ts'
import { set as setAggregate } from '../../../src/actions/aggregate/set.ts'
import { create as createFlavor } from '../../../src/actions/flavor/create.ts'
import { remove as deleteFlavor } from '../../../src/actions/flavor/delete.ts'
import { set as setFlavor } from '../../../src/actions/flavor/set.ts'
import { unset as unsetFlavor } from '../../../src/actions/flavor/unset.ts'
import { add } from '../../../src/actions/host/add.ts'
import { refresh } from '../../../src/actions/host/refresh.ts'
import { remove as removeHost } from '../../../src/actions/host/remove.ts'
import { set as setHost } from '../../../src/actions/host/set.ts'
import { create as createImage } from '../../../src/actions/image/create.ts'
import { remove as deleteImage } from '../../../src/actions/image/delete.ts'
import { set as setImage } from '../../../src/actions/image/set.ts'
import { create as createKeypair } from '../../../src/actions/keypair/create.ts'
import { remove as deleteKeypair } from '../../../src/actions/keypair/delete.ts'
import { set as setQuota } from '../../../src/actions/quota/set.ts'
import { create as createGroup } from '../../../src/actions/server-group/create.ts'
import { tableNames } from '../../../src/model/tables.ts'
import { draftOf } from '../../../src/state/draft.ts'
import { aContext, fakeCompute, given, performed, recordsOf, type TestContext } from '../../support/a-context.ts'
import { aFlavor } from '../../support/a-flavor.ts'
import { aHost, anInventory } from '../../support/a-host.ts'

const plans = (
  [
    [createFlavor, { name: 'new', ram: 1, vcpus: 1 }],
    [setFlavor, { flavor: 'f1', extraSpecs: [['b', '2']] }],
    [unsetFlavor, { flavor: 'f1', extraSpecs: ['a'] }],
    [deleteFlavor, { flavors: ['f1'] }],
    [createImage, { name: 'new', source: '/other' }],
    [setImage, { image: 'kept', name: 'other' }],
    [deleteImage, { images: ['kept'] }],
    [createKeypair, { name: 'new' }],
    [deleteKeypair, { keypairs: ['mine'] }],
    [add, { name: 'h9' }],
    [setHost, { host: 'h1', disable: true }],
    [refresh, {}],
    [removeHost, { hosts: ['h1'] }],
    [createAggregate, { name: 'new' }],
    [setAggregate, { aggregate: 'rack', zone: 'az1' }],
    [addHost, { aggregate: 'rack', host: 'h1' }],
    [deleteAggregate, { aggregates: ['rack'] }],
    [createGroup, { name: 'web', policy: 'affinity' }],
    [setQuota, { ram: 1 }],
  ] as const
).map(([action, input]) => ({ name: action.name, action, input }))

/** A world that has one of everything that the plans name. */
async function world(): Promise<TestContext> {
  const context = aContext({ compute: fakeCompute(() => anInventory({ vcpus: 99 })) })
  context.images.sources.set('/disk', Buffer.from('bytes'))
  context.images.sources.set('/other', Buffer.from('others'))
  await given(context, 'flavors', aFlavor({ extraSpecs: [['a', '1']] }))
  await given(context, 'hosts', aHost())
  await performed(createImage, { name: 'kept', source: '/disk' }, context)
  await performed(createKeypair, { name: 'mine' }, context)
  await performed(createAggregate, { name: 'rack' }, context)
  return context
}

const everything = async (context: TestContext) =>
  JSON.stringify([await Promise.all(tableNames.map((table) => recordsOf(context.store, table))), [...context.images.kept.keys()]])

it.each(plans)('$name $input changes nothing', async ({ action, input }) => {
  const context = await world()
  const before = await everything(context)
  await performed(action, input, { ...context, store: draftOf(context.store), plan: true })
  expect(await everything(context)).toBe(before)
})

it.each(plans)('$name $input does change something without a plan', async ({ action, input }) => {
  const context = await world()
  const before = await everything(context)
  await performed(action, input, context)
  expect(await everything(context)).not.toBe(before)
})
