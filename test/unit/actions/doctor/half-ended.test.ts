/** A confirm or a revert that was cut off: the doctor ends it the way that it began. */
import { describe, expect, it } from 'vitest'
import { run } from '../../../../src/actions/doctor/run.ts'
import { confirm } from '../../../../src/actions/server/confirm.ts'
import { migrate } from '../../../../src/actions/server/migrate.ts'
import { revert } from '../../../../src/actions/server/revert.ts'
import type { Finding } from '../../../../src/model/finding.ts'
import { performed } from '../../../support/a-context.ts'
import { aServerToMove, type MovedServer } from '../../../support/moved-server.ts'

async function examined({ context }: MovedServer, fix: boolean): Promise<Finding[]> {
  const images = { ...context.images, has: async () => true }
  return (await performed(run, { fix }, { ...context, images })) as Finding[]
}

async function moved(): Promise<MovedServer> {
  const world = await aServerToMove()
  await performed(migrate, { server: 'web-1', host: 'host-b' }, world.context)
  return world
}

const isCutOff = { kind: 'unreachable' }
const back = { repair: 'revert its move from host-a to host-b to the end' }

/** Nothing is left of the move, and no other look finds anything. */
async function isWhole(world: MovedServer, host: string): Promise<void> {
  expect(await examined(world, false)).toEqual([])
  expect(await world.running()).toEqual([host])
  expect(await world.server()).toMatchObject({ host, vmState: 'active', taskState: null })
  expect(await world.findings()).toEqual([])
}

describe('the doctor after an end of a move that was cut off', () => {
  it('ends a revert whose destination did not answer, once it does', async () => {
    const world = await moved()
    world.cloud.silent.add('host-b')
    await expect(performed(revert, { servers: ['web-1'] }, world.context)).rejects.toMatchObject(isCutOff)
    expect(await world.moves()).toEqual(['reverting'])
    world.cloud.silent.clear()
    const [found] = (await examined(world, true)).filter(({ code }) => code === 'NVD005')
    expect(found).toMatchObject({ ...back, fixed: true })
    await isWhole(world, 'host-a')
  })

  it('ends a revert whose destination destroyed its copy and could not say so', async () => {
    const world = await moved()
    await world.cloud.misbehave('host-b', [{ call: 'destroy', mode: 'fail-after', kind: 'unreachable', message: 'reset' }])
    await expect(performed(revert, { servers: ['web-1'] }, world.context)).rejects.toMatchObject(isCutOff)
    expect(await world.moves()).toEqual(['reverting'])
    await world.cloud.misbehave('host-b', [])
    expect(await examined(world, true)).toMatchObject([{ code: 'NVD025', object: 'server web-1', ...back, fixed: true }])
    expect(await world.moves()).toEqual(['reverted'])
    await isWhole(world, 'host-a')
  })

  it('ends a confirm whose source could not say that it destroyed its copy', async () => {
    const world = await moved()
    await world.cloud.misbehave('host-a', [{ call: 'dropAside', mode: 'fail-after', kind: 'unreachable', message: 'reset' }])
    await expect(performed(confirm, { servers: ['web-1'] }, world.context)).rejects.toMatchObject(isCutOff)
    await world.cloud.misbehave('host-a', [])
    const forth = { repair: 'confirm its move from host-a to host-b to the end' }
    expect(await examined(world, true)).toMatchObject([{ code: 'NVD025', ...forth, fixed: true }])
    expect(await world.moves()).toEqual(['confirmed'])
    await isWhole(world, 'host-b')
  })

  it('waits for the host that must let go of its copy', async () => {
    const world = await moved()
    world.cloud.silent.add('host-b')
    await expect(performed(revert, { servers: ['web-1'] }, world.context)).rejects.toMatchObject(isCutOff)
    const found = (await examined(world, true)).filter(({ code }) => code === 'NVD025')
    expect(found).toMatchObject([{ repair: null, fixed: false }])
    expect(await world.moves()).toEqual(['reverting'])
  })

  it('leaves a move alone that waits for its confirm', async () => {
    expect(await examined(await moved(), true)).toEqual([])
  })
})
