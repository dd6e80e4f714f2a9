/** What becomes of extra disks when their server moves, is made anew or leaves its host. */
import { describe, expect, it } from 'vitest'
import { addDisk } from '../../../../src/actions/server/add-disk.ts'
import { confirm } from '../../../../src/actions/server/confirm.ts'
import { evacuate } from '../../../../src/actions/server/evacuate.ts'
import { liveMigrate } from '../../../../src/actions/server/live-migrate.ts'
import { migrate } from '../../../../src/actions/server/migrate.ts'
import { offloadExpired } from '../../../../src/actions/server/offload-expired.ts'
import { rebuild } from '../../../../src/actions/server/rebuild.ts'
import { revert } from '../../../../src/actions/server/revert.ts'
import { shelve } from '../../../../src/actions/server/shelve.ts'
import { shelveOffload } from '../../../../src/actions/server/shelve-offload.ts'
import { unshelve } from '../../../../src/actions/server/unshelve.ts'
import { fleetOf } from '../../../../src/flows/placement.ts'
import { faultOf, performed } from '../../../support/a-context.ts'
import { aServerToMove } from '../../../support/moved-server.ts'

const one = { server: 'web-1' }
const all = { servers: ['web-1'] }

async function aServerWithDisk() {
  const world = await aServerToMove()
  await performed(addDisk, { ...one, size: 100, name: 'data' }, world.context)
  const claimed = async () => {
    const { candidates } = await world.context.store.read((reader) => fleetOf(reader, world.context.settings))
    return Object.fromEntries(candidates.map(({ name, claimed: { disk } }) => [name, disk]))
  }
  const kept = async () => {
    expect((await world.server()).disks).toMatchObject([{ name: 'data', sizeGb: 100, attachedAt: expect.any(String) }])
    expect(await world.findings()).toEqual([])
  }
  return { ...world, claimed, kept }
}

describe('an extra disk', () => {
  it('goes with its server and counts on both hosts until the move is confirmed', async () => {
    const { context, claimed, kept } = await aServerWithDisk()
    const before = (await claimed())['host-a']
    await performed(migrate, one, context)
    expect(await claimed()).toEqual({ 'host-a': before, 'host-b': before })
    await performed(confirm, all, context)
    expect(await claimed()).toEqual({ 'host-a': 0, 'host-b': before })
    await kept()
  })

  it('is where it was after a revert', async () => {
    const { context, claimed, kept } = await aServerWithDisk()
    const before = await claimed()
    await performed(migrate, one, context)
    await performed(revert, all, context)
    expect(await claimed()).toEqual(before)
    await kept()
  })

  it('goes along on a live migration', async () => {
    const { context, server, kept } = await aServerWithDisk()
    await performed(liveMigrate, one, context)
    expect((await server()).host).toBe('host-b')
    await kept()
  })

  it('outlives a rebuild', async () => {
    const { context, kept } = await aServerWithDisk()
    await performed(rebuild, one, context)
    await kept()
  })

  it('is empty after an evacuation, which says so', async () => {
    const { context, cloud, server, kept } = await aServerWithDisk()
    cloud.silent.add('host-a')
    await performed(evacuate, { ...one, iCheckedItIsOff: 'alice: pulled the plug' }, context)
    expect((await server()).host).toBe('host-b')
    const flows = await context.store.read((reader) => reader.list('flows'))
    expect(JSON.stringify(flows)).toContain('extra disks are made anew, empty; their content is on host-a only: data')
    await kept()
  })

  it('keeps its server from a shelf that would lose it', async () => {
    const { context, server, kept } = await aServerWithDisk()
    for (const shelvedOffloadTime of [0, 3600]) {
      const soon = { ...context, settings: { ...context.settings, shelvedOffloadTime } }
      expect(await faultOf(shelve, all, soon)).toMatchObject({
        kind: 'conflict',
        message: 'cannot shelve server web-1: an image keeps its root disk alone, it would lose data',
      })
    }
    expect(await server()).toMatchObject({ vmState: 'active', taskState: null })
    await kept()
  })

  it('stays with its server that is shelved on its host, which it then does not leave', async () => {
    const { context, server, kept } = await aServerWithDisk()
    const staying = { ...context, settings: { ...context.settings, shelvedOffloadTime: -1 } }
    await performed(shelve, all, staying)
    expect(await faultOf(shelveOffload, all, staying)).toMatchObject({ kind: 'conflict' })
    expect(await performed(offloadExpired, {}, { ...context, settings: { ...context.settings, shelvedOffloadTime: 0 } })).toEqual(
      [],
    )
    expect(await server()).toMatchObject({ vmState: 'shelved', host: 'host-a' })
    await performed(unshelve, all, staying)
    await kept()
  })
})
