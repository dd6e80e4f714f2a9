import { expect, it } from 'vitest'
import { bootServer } from '../../../src/flows/boot-server.ts'
import type { FlowRecord } from '../../../src/model/flow.ts'
import { aCloud, type Cloud } from '../../support/a-cloud.ts'
import { findingsOf } from '../../support/broken-steps.ts'
import { before, begin, hostsFor } from '../../support/every-flow.ts'
import { passed } from '../../support/turns.ts'

const own = bootServer.steps.map(({ name }) => name)
const name = 'boot-server'

/** A boot whose process died after its first effects, with its record as `change` makes it: as another version writes it. */
async function aBootLeftBy(change: (steps: FlowRecord['steps']) => FlowRecord['steps'], effects = 3): Promise<Cloud> {
  const cloud = await aCloud(hostsFor(name))
  await before(name, cloud)
  const mortal = { effects }
  void begin(name, cloud.process(7, { mortal }))
  await passed(() => mortal.effects < 0)
  cloud.dead.add(7)
  await cloud.context.store.transaction({ actor: 'test', request: 'r', action: 'test' }, async (tx) => {
    for (const flow of await tx.list('flows', { where: { open: true } }))
      await tx.update('flows', { ...flow, steps: change(flow.steps) })
  })
  return cloud
}
const flowOf = async ({ context }: Cloud) =>
  (await context.store.read((reader) => reader.list('flows'))).find((one) => one.name === name)

it('a flow of a version with fewer steps is worked with those of today', async () => {
  const cloud = await aBootLeftBy((steps) => steps.filter(({ name }) => name !== 'activate'))
  expect(own).toContain('activate')
  await cloud.process(8).flows.adopt()
  const flow = await flowOf(cloud)
  expect(flow).toMatchObject({ status: 'done', open: false })
  expect(flow?.steps.map(({ name, status }) => [name, status])).toEqual(own.map((step) => [step, 'done']))
  expect(await findingsOf(cloud)).toEqual([])
})

it('a step that came before those that are done is made up for', async () => {
  const cloud = await aBootLeftBy((steps) => steps.slice(1))
  await cloud.process(8).flows.adopt()
  expect((await flowOf(cloud))?.steps.map(({ status }) => status)).toEqual(own.map(() => 'done'))
  expect(await findingsOf(cloud)).toEqual([])
})

it('a flow with a step of another version stays with who can do it', async () => {
  const cloud = await aBootLeftBy((steps) => steps.map((step, index) => (index === 1 ? { ...step, name: 'paint' } : step)))
  const before = await flowOf(cloud)
  const { flows } = cloud.process(8)
  expect(await flows.adopt()).toEqual([])
  await expect(flows.attend(before?.id ?? '')).rejects.toMatchObject({
    kind: 'unsupported',
    message: 'step paint of flow boot-server is not known to this version',
  })
  expect(await flowOf(cloud)).toEqual(before)
})
