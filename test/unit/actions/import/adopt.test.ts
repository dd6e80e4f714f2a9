import { describe, expect, it } from 'vitest'
import { run as doctor } from '../../../../src/actions/doctor/run.ts'
import { show as showHost } from '../../../../src/actions/host/show.ts'
import { adopt } from '../../../../src/actions/import/adopt.ts'
import { list } from '../../../../src/actions/import/list.ts'
import { release } from '../../../../src/actions/import/release.ts'
import { create } from '../../../../src/actions/server/create.ts'
import { remove } from '../../../../src/actions/server/delete.ts'
import { rebuild } from '../../../../src/actions/server/rebuild.ts'
import { resize } from '../../../../src/actions/server/resize.ts'
import { show } from '../../../../src/actions/server/show.ts'
import { stop } from '../../../../src/actions/server/stop.ts'
import type { FakeDomain } from '../../../../src/drivers/fake/foreign.ts'
import { aCloud, guestsOn } from '../../../support/a-cloud.ts'
import { faultOf, given, mallory, performed, recordsOf, seenBy } from '../../../support/a-context.ts'
import { aFlavor } from '../../../support/a-flavor.ts'
import { aDomain, foreignOn } from '../../../support/fake-domains.ts'

const from = { host: 'host-a', domain: 'old-db' }

async function aHostWith(...domains: readonly FakeDomain[]) {
  const cloud = await aCloud(['host-a'])
  await foreignOn(cloud.hosts.get('host-a'), ...domains)
  return cloud
}

describe('import', () => {
  it('lists what no record knows, and why it could not be adopted', async () => {
    const crashed = aDomain({ id: '0e0e0e0e-1111-4222-8333-444455556666', name: 'broken', powerState: 'crashed' })
    const { context } = await aHostWith(aDomain(), crashed)
    expect(await performed(list, { host: 'host-a' }, context)).toMatchObject([
      { name: 'old-db', vcpus: 2, ram: 3000, adoptable: true, obstacles: [], nics: [{ mac: '52:54:00:aa:bb:01' }] },
      { name: 'broken', adoptable: false, obstacles: ['it is crashed'] },
    ])
    expect(await faultOf(adopt, { ...from, domain: 'broken' }, context)).toMatchObject({ kind: 'conflict', message: /crashed/ })
    await performed(adopt, from, context)
    expect(await performed(list, { host: 'host-a' }, context)).toMatchObject([{ name: 'broken' }])
  })

  it('makes a server of its real size that counts like every other, once', async () => {
    const { context } = await aHostWith(aDomain())
    const proof = await performed(adopt, from, context)
    expect(proof).toMatchObject({
      name: 'old-db',
      status: 'ACTIVE',
      flavor: 'custom',
      vcpus: 2,
      ram: 3000,
      disk: 10,
      unchanged: true,
    })
    expect(await performed(adopt, from, context)).toEqual(proof)
    expect(await performed(showHost, { host: 'host-a' }, context)).toMatchObject({
      servers: 1,
      memoryMbUsed: 3000,
      diskGbUsed: 10,
    })
    expect(await performed(show, { server: 'old-db' }, context)).toMatchObject({
      id: aDomain().id,
      adopted: {
        domain: 'old-db',
        disks: [{ target: 'vda' }],
        adoption: { definition: expect.stringMatching(/^[0-9a-f]{64}$/) },
      },
    })
  })

  it('gives it the flavor that is equal, and refuses one of another size', async () => {
    const { context } = await aHostWith(aDomain())
    await given(context, 'flavors', aFlavor({ id: 'f9', name: 'db.old', vcpus: 2, ram: 3000, disk: 10, ephemeral: 0, swap: 0 }))
    const fault = await faultOf(adopt, { ...from, flavor: 'm1.small' }, context)
    expect(fault).toMatchObject({ kind: 'invalid', message: /2048 MB.*3000 MB/ })
    expect(await performed(adopt, { ...from, name: 'db-1', project: 'shop' }, context)).toMatchObject({
      name: 'db-1',
      flavor: 'db.old',
    })
    expect(await recordsOf(context.store, 'servers')).toMatchObject([{ projectId: 'shop', name: 'db-1' }])
  })

  it('keeps to the quota of the project', async () => {
    const { context } = await aHostWith(aDomain({ ram: 600_000 }))
    expect(await faultOf(adopt, from, context)).toMatchObject({ kind: 'over-quota' })
    expect(await recordsOf(context.store, 'servers')).toEqual([])
  })

  it('is for admins alone', async () => {
    const { context } = await aHostWith(aDomain())
    for (const action of [list, adopt])
      expect(await faultOf(action, from, seenBy(context, mallory))).toMatchObject({ kind: 'forbidden' })
  })

  it('operates an adopted server, and refuses what its disks are needed for', async () => {
    const { context } = await aHostWith(aDomain())
    await performed(adopt, from, context)
    await performed(stop, { servers: ['old-db'] }, context)
    expect(await recordsOf(context.store, 'servers')).toMatchObject([{ vmState: 'stopped', powerState: 'shutdown' }])
    const refused = [
      [rebuild, { server: 'old-db', image: 'cirros' }],
      [resize, { server: 'old-db', flavor: 'm1.large' }],
      [remove, { servers: ['old-db'] }],
    ] as const
    for (const [action, input] of refused)
      expect(await faultOf(action, input, context)).toMatchObject({
        kind: 'unsupported',
        hint: expect.stringContaining('nova import release old-db'),
      })
  })

  it('lets it go as it is, and takes it again', async () => {
    const { context, hosts } = await aHostWith(aDomain())
    const { definition } = (await performed(adopt, from, context)) as { definition: string }
    expect(await performed(release, { server: 'old-db' }, context)).toMatchObject({
      status: 'DELETED',
      definition,
      unchanged: true,
      powerState: 'running',
    })
    expect(await guestsOn(hosts.get('host-a'))).toEqual([])
    expect(await performed(showHost, { host: 'host-a' }, context)).toMatchObject({ servers: 0, memoryMbUsed: 0 })
    expect(await performed(adopt, from, context)).toMatchObject({ status: 'ACTIVE', definition })
  })

  it('is no finding of the doctor while it is adopted, and no guest of a deleted server afterwards', async () => {
    const { context } = await aHostWith(aDomain())
    await performed(adopt, from, context)
    const findings = async () =>
      ((await performed(doctor, {}, context)) as { code: string }[]).filter(({ code }) => /^NVD00/.test(code))
    expect(await findings()).toEqual([])
    await performed(release, { server: 'old-db' }, context)
    expect(await findings()).toMatchObject([{ code: 'NVD001', severity: 'warning' }])
  })

  it('lets go of nothing that nova made', async () => {
    const { context } = await aHostWith(aDomain())
    await performed(create, { name: 'web-1', image: 'cirros', flavor: 'm1.small' }, context)
    expect(await faultOf(release, { server: 'web-1' }, context)).toMatchObject({ kind: 'conflict', hint: 'nova delete web-1' })
  })

  it('leaves nothing when the host fails', async () => {
    const { context, hosts, misbehave } = await aHostWith(aDomain())
    await misbehave('host-a', [{ call: 'adoptDomain', mode: 'fail-after' }])
    await faultOf(adopt, from, context)
    expect(await recordsOf(context.store, 'servers')).toEqual([])
    expect(await guestsOn(hosts.get('host-a'))).toEqual([])
  })
})
