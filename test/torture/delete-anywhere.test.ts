/** S23: delete is legal at every step of every flow, and what the server had is free afterwards: quota, claims, guests, images. */
import { describe, expect, it } from 'vitest'
import { usageOf } from '../../src/actions/quota/usage.ts'
import { remove } from '../../src/actions/server/delete.ts'
import { fleetOf } from '../../src/flows/placement.ts'
import { aCloud, type Cloud, guestsOn } from '../support/a-cloud.ts'
import { performed, recordsOf, type TestContext } from '../support/a-context.ts'
import { alone, type Breakage, catalogueOf, findingsOf } from '../support/broken-steps.ts'
import { before, begin, everyStep, hostsFor } from '../support/every-flow.ts'

/** Domains that somebody else made are not nova's to delete. */
const foreign = ['adopt-domain', 'release-domain']
const places = everyStep
  .filter(({ name }) => !foreign.includes(name))
  .flatMap(({ name, step, index }) => (['before', 'after'] as const).map((when) => ({ flow: name, step, index, when })))

/** Another process deletes the server in the middle of the flow, which then goes on as one whose owner heard nothing of it. */
async function deletedDuring({ flow, index, when }: Breakage): Promise<Cloud> {
  let deleted: Promise<unknown> | undefined
  const deleteNow = async () => {
    const [server] = await recordsOf(cloud.context.store, 'servers')
    deleted ??= performed(remove, { servers: [server?.id] }, cloud.process(8))
    await deleted
  }
  const catalogue = catalogueOf(({ name }, step, at) => {
    if (name !== flow || at !== index) return step
    const run: typeof step.run = async (given) => {
      if (when === 'before' && deleted === undefined) await deleteNow()
      const result = await step.run(given)
      if (when === 'after' && deleted === undefined) await deleteNow()
      return result
    }
    return { ...alone(step), run }
  })
  const cloud = await aCloud(hostsFor(flow), { catalogue })
  await before(flow, cloud)
  await begin(flow, cloud.process(7)).catch(() => undefined)
  expect(deleted, 'the step was reached').toBeDefined()
  return cloud
}

const claimsIn = ({ store, settings }: TestContext) =>
  store.read(async (reader) => (await fleetOf(reader, settings)).candidates.map(({ claimed }) => claimed))

describe('S23 a server that is deleted while something is done with it', () => {
  it.each(places)('$flow, $when $step, leaves nothing', async (place) => {
    const { context, hosts, silent, ...cloud } = await deletedDuring(place)
    expect(await findingsOf({ context, hosts, silent, ...cloud })).toEqual([])
    const servers = await recordsOf(context.store, 'servers')
    expect(servers.map(({ deleted, taskState }) => [deleted, taskState])).toEqual(servers.map(() => [true, null]))
    const used = await context.store.read((reader) => usageOf(reader, 'p1'))
    expect(Object.values(used).filter((count) => count !== 0)).toEqual([])
    expect(await claimsIn(context)).toEqual([...hosts.keys()].map(() => ({ ram: 0, vcpus: 0, disk: 0 })))
    const living = [...hosts].filter(([name]) => !silent.has(name))
    expect((await Promise.all(living.map(([, host]) => guestsOn(host)))).flat()).toEqual([])
  })
})
