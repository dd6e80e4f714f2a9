import { describe, expect, it } from 'vitest'
import type { Server } from '../../src/model/server.ts'
import { aCloud, type Cloud, guestsOn } from '../support/a-cloud.ts'
import { type Broken, findingsOf, injected, repeatsEveryStep, runsPlainly, unwindsFromStep } from '../support/broken-steps.ts'
import { before, begin, everyFlow, everyStep, hostsFor } from '../support/every-flow.ts'
import { passed } from '../support/turns.ts'

const serversOf = (cloud: Cloud) => cloud.context.store.read((reader) => reader.list('servers'))

/** What a flow leaves for people: not how often or when it wrote, nor the guest's log. */
async function outcomeOf({ cloud }: Broken) {
  const servers = (await serversOf(cloud)).map(
    ({ generation: _, id: __, requestId: ___, updatedAt: ____, ...server }: Server) => server,
  )
  const guests = await Promise.all([...cloud.hosts.values()].map(guestsOn))
  return { servers, guests: guests.map(({ length }) => length) }
}

it('there are flows and steps to break', () => {
  expect(everyFlow.length).toBeGreaterThanOrEqual(13)
  expect(everyStep.length).toBeGreaterThanOrEqual(25)
})

describe.each(everyFlow.map(({ name }) => name))('%s', (name) => {
  it('does the same when every step is repeated', async () => {
    const [plain, repeated] = [await runsPlainly(name), await repeatsEveryStep(name)]
    expect(repeated.findings).toEqual([])
    expect(repeated.fault).toBeUndefined()
    expect(await outcomeOf(repeated)).toEqual(await outcomeOf(plain))
  })

  it('is finished or taken back when its process dies after any of its effects', async () => {
    let deaths = 0
    for (let effects = 1; ; effects += 1) {
      const cloud = await aCloud(hostsFor(name))
      await before(name, cloud)
      const mortal = { effects }
      let isDone = false
      void begin(name, cloud.process(7, { mortal })).then(() => {
        isDone = true
      })
      await passed(() => isDone || mortal.effects < 0)
      if (isDone) break
      deaths += 1
      cloud.dead.add(7)
      await cloud.process(8).flows.adopt()
      expect(await findingsOf(cloud), `after ${effects} effects`).toEqual([])
    }
    expect(deaths).toBeGreaterThanOrEqual(2)
  })
})

describe.each(everyStep)('$name: step $step', ({ name, index, step }) => {
  it.each(['before', 'after'] as const)('that fails %s its effect leaves nothing', async (when) => {
    const broken = await unwindsFromStep({ flow: name, index, when })
    expect(broken.fault?.message).toBe(injected)
    expect(broken.findings).toEqual([])
    const flows = await broken.cloud.context.store.read((reader) => reader.list('flows'))
    const flow = flows.find((record) => record.name === name)
    expect(flow).toMatchObject({ open: false, status: 'undone' })
    expect(flow?.steps.slice(index + 1).map(({ status }) => status)).toEqual(flow?.steps.slice(index + 1).map(() => 'pending'))
    expect(flow?.steps[index]).toMatchObject({ name: step, status: 'undone' })
  })
})

describe('a failed boot', () => {
  it.each(everyStep.filter(({ name }) => name === 'boot-server'))(
    'at step $step leaves no guest and no claim',
    async ({ index }) => {
      const { cloud } = await unwindsFromStep({ flow: 'boot-server', index, when: 'after' })
      expect(await guestsOn(cloud.hosts.get('host-a'))).toEqual([])
      expect((await serversOf(cloud))[0]).toMatchObject({ vmState: 'error', taskState: null, host: null })
    },
  )
})
