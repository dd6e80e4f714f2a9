import { describe, expect, it } from 'vitest'
import { confirm } from '../../../src/actions/server/confirm.ts'
import { resize } from '../../../src/actions/server/resize.ts'
import { revert } from '../../../src/actions/server/revert.ts'
import { faultOf, performed, recordsOf } from '../../support/a-context.ts'
import { aServerToMove } from '../../support/moved-server.ts'

const grow = { server: 'web-1', flavor: 'm1.medium' }
const all = { servers: ['web-1'] }

describe('a resize between hosts that see one directory', () => {
  const sharing = async () => {
    const world = await aServerToMove()
    for (const host of world.cloud.hosts.values()) await host.writeFile('/instances/.shared', 'pool-1')
    return world
  }

  it('is kept by its confirm', async () => {
    const world = await sharing()
    await performed(resize, grow, world.context)
    const [migration] = await recordsOf(world.context.store, 'migrations')
    expect(migration).toMatchObject({ status: 'finished', storage: 'shared' })
    await performed(confirm, all, world.context)
    expect(await world.server()).toMatchObject({ vmState: 'active', host: 'host-b', flavor: { name: 'm1.medium' } })
    expect(await world.running()).toEqual(['host-b'])
    expect(await world.entries('host-a')).toEqual([])
    expect(await world.findings()).toEqual([])
  })

  it('is taken back once the copy that moved has ended', async () => {
    const world = await sharing()
    await performed(resize, grow, world.context)
    await performed(revert, all, world.context)
    expect(await world.server()).toMatchObject({ vmState: 'active', host: 'host-a', flavor: { name: 'm1.small' } })
    expect(await world.running()).toEqual(['host-a'])
    expect(await world.findings()).toEqual([])
  })

  it.each(['stop', 'leave'] as const)('stays where it moved while its revert fails at %s there', async (call) => {
    const world = await sharing()
    await performed(resize, grow, world.context)
    await world.cloud.misbehave('host-b', [{ call, mode: 'fail', message: 'not today' }])
    expect((await faultOf(revert, all, world.context)).message).toBe('not today')
    expect(await world.moves()).toEqual(['finished'])
    const { id, powerState } = await world.server()
    expect(powerState).toBe(call === 'stop' ? 'running' : 'shutdown')
    expect(await world.entries('host-a')).toEqual([`${id}_resize`])
    expect(await world.entries('host-b')).toEqual([id])
    await world.cloud.misbehave('host-b', [])
    await performed(revert, all, world.context)
    expect(await world.running()).toEqual(['host-a'])
    expect(await world.findings()).toEqual([])
  })

  it('that fails on its way leaves the files that both see', async () => {
    const world = await sharing()
    await world.cloud.misbehave('host-b', [
      { call: 'start', mode: 'fail', message: 'not today' },
      { call: 'destroy', mode: 'fail', message: 'must not be asked' },
    ])
    expect((await faultOf(resize, grow, world.context)).message).toBe('not today')
    expect(await world.server()).toMatchObject({ host: 'host-a', powerState: 'running', flavor: { name: 'm1.small' } })
    expect(await world.running()).toEqual(['host-a'])
  })
})
