/** A live move that landed while its source could not be cleared: the source's copy goes, unless only that one runs. */
import { describe, expect, it } from 'vitest'
import { run } from '../../../../src/actions/doctor/run.ts'
import { liveMigrate } from '../../../../src/actions/server/live-migrate.ts'
import type { Finding } from '../../../../src/model/finding.ts'
import { faultOf, performed } from '../../../support/a-context.ts'
import { aServerToMove, type MovedServer } from '../../../support/moved-server.ts'

const sourceIsSilent = { call: 'leave', mode: 'fail', kind: 'unreachable', message: 'no route to host-a' } as const
const repair = 'destroy the copy that a live migration left on host-a'

/** web-1 is on host-b by its record, and host-a, which answers again, still has what it had of it. */
async function aLeftCopy(): Promise<MovedServer> {
  const world = await aServerToMove()
  await world.cloud.misbehave('host-a', [sourceIsSilent])
  await performed(liveMigrate, { server: 'web-1' }, world.context)
  await world.cloud.misbehave('host-a', [])
  return world
}

async function examined({ context }: MovedServer, fix: boolean): Promise<Finding[]> {
  const images = { ...context.images, has: async () => true }
  return (await performed(run, { fix }, { ...context, images })) as Finding[]
}

/** What a host's guest does after a power failure, or when somebody started it by hand. */
async function becomes(world: MovedServer, host: string, powerState: string): Promise<void> {
  const path = `/instances/${(await world.server()).id}/guest.json`
  const bytes = await world.cloud.hosts.get(host)?.readFile(path)
  const guest = { ...JSON.parse(String(bytes)), powerState }
  await world.cloud.hosts.get(host)?.writeFile(path, JSON.stringify(guest))
}

describe('the doctor after a live move', () => {
  it('destroys the copy that the source kept', async () => {
    const world = await aLeftCopy()
    expect(await examined(world, false)).toMatchObject([{ code: 'NVD005', repair, fixed: false }])
    expect(await examined(world, true)).toMatchObject([{ code: 'NVD005', repair, fixed: true }])
    expect(await world.entries('host-a')).toEqual([])
    expect(await world.running()).toEqual(['host-b'])
    expect(await examined(world, false)).toEqual([])
  })

  it('destroys what a move that was taken back left on its destination', async () => {
    const world = await aServerToMove()
    await world.cloud.misbehave('host-a', [{ call: 'moveLive', mode: 'fail', message: 'not today' }])
    await world.cloud.misbehave('host-b', [{ call: 'leave', mode: 'fail', kind: 'unreachable', message: 'no libvirtd' }])
    expect(await faultOf(liveMigrate, { server: 'web-1' }, world.context)).toMatchObject({ message: 'not today' })
    for (const host of ['host-a', 'host-b']) await world.cloud.misbehave(host, [])
    expect(await world.entries('host-b')).not.toEqual([])
    const onTheOther = { code: 'NVD005', repair: 'destroy the copy that a live migration left on host-b' }
    expect(await examined(world, true)).toMatchObject([{ ...onTheOther, fixed: true }])
    expect(await world.entries('host-b')).toEqual([])
    expect(await world.running()).toEqual(['host-a'])
    expect(await examined(world, false)).toEqual([])
  })

  it('says beside it that the guest does not run, and records that', async () => {
    const world = await aLeftCopy()
    await becomes(world, 'host-b', 'shutdown')
    expect(await examined(world, true)).toMatchObject([
      { code: 'NVD005', repair, fixed: true },
      { code: 'NVD006', fixed: true },
    ])
    expect(await world.server()).toMatchObject({ host: 'host-b', powerState: 'shutdown', vmState: 'stopped' })
    expect(await examined(world, false)).toEqual([])
  })

  it('leaves a copy to a person that runs while the recorded one does not', async () => {
    const world = await aLeftCopy()
    await becomes(world, 'host-b', 'shutdown')
    await becomes(world, 'host-a', 'running')
    expect(await examined(world, true)).toMatchObject([{ code: 'NVD005', repair: null, fixed: false }])
    expect(await world.running()).toEqual(['host-a'])
    expect(await world.server()).toMatchObject({ host: 'host-b', powerState: 'running' })
  })

  it('keeps the copy while the host of the record does not answer', async () => {
    const world = await aLeftCopy()
    const kept = await world.entries('host-a')
    world.cloud.silent.add('host-b')
    expect((await examined(world, true)).map(({ code, fixed }) => [code, fixed])).toEqual([
      ['NVD004', false],
      ['NVD009', false],
    ])
    expect(await world.entries('host-a')).toEqual(kept)
  })
})
