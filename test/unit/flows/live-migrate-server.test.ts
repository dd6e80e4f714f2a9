/** A live migration that does not go as asked: wherever it stops, one copy runs and the records say where. */
import { describe, expect, it } from 'vitest'
import { abort } from '../../../src/actions/migration/abort.ts'
import { forceComplete } from '../../../src/actions/migration/force-complete.ts'
import { remove } from '../../../src/actions/server/delete.ts'
import { liveMigrate } from '../../../src/actions/server/live-migrate.ts'
import { pause } from '../../../src/actions/server/pause.ts'
import { resetState } from '../../../src/actions/server/reset-state.ts'
import { start } from '../../../src/actions/server/start.ts'
import type { FakeFault } from '../../../src/drivers/fake/index.ts'
import { viewOfServer } from '../../../src/model/server-view.ts'
import { faultOf, performed, recordsOf } from '../../support/a-context.ts'
import { aServerToMove, type MovedServer } from '../../support/moved-server.ts'

const one = { server: 'web-1' }
const order = { target: 'web-1' }
const migrationOf = async ({ context }: MovedServer) => (await recordsOf(context.store, 'migrations'))[0]

/** A move that takes so many rounds that it is surely under way when the order comes. */
const slow: FakeFault = { call: 'moveLive', mode: 'slow', ms: 60_000 }

/** Begins a move and resolves once it is in the middle; `end` is the fault it ends with, or undefined. */
async function inTheMiddle(world: MovedServer): Promise<{ readonly end: Promise<unknown> }> {
  await world.cloud.misbehave('host-a', [slow])
  const end = performed(liveMigrate, one, world.context).then(
    () => undefined,
    (error: unknown) => error,
  )
  for (let turn = 0; turn < 10_000; turn += 1) if ((await migrationOf(world))?.progress) return { end }
  throw new Error('the move never came to its middle')
}

/** Begins a move that waits before its guest travels, until it is let go on; it will end with a fault. */
async function atTheGate(world: MovedServer) {
  let open = () => {}
  const gate = new Promise<void>((resolve) => {
    open = resolve
  })
  const fault = faultOf(liveMigrate, one, world.cloud.process(2, { paused: { method: 'moveLive', gate } }))
  for (let turn = 0; turn < 1000 && (await migrationOf(world))?.status !== 'running'; turn += 1);
  return { fault, open }
}

/** What a host's hypervisor says of the guest from now on. */
async function says(world: MovedServer, name: string, powerState: string): Promise<void> {
  const path = `/instances/${(await world.server()).id}/guest.json`
  const host = world.cloud.hosts.get(name)
  const guest = JSON.parse(String(await host?.readFile(path)))
  await host?.writeFile(path, JSON.stringify({ ...guest, powerState }))
}

async function expectAt(world: MovedServer, host: string, status: string): Promise<void> {
  expect(await world.running()).toEqual([host])
  expect(await world.server()).toMatchObject({ host, vmState: 'active', taskState: null, powerState: 'running' })
  expect(await world.moves()).toEqual([status])
  expect(await world.findings()).toEqual([])
}

describe('a live migration', () => {
  it('ends on the other host, with what it took in its record', async () => {
    const world = await aServerToMove()
    expect(await performed(liveMigrate, one, world.context)).toMatchObject({ host: 'host-b', status: 'ACTIVE' })
    await expectAt(world, 'host-b', 'completed')
    expect(await migrationOf(world)).toMatchObject({
      type: 'live',
      options: { transport: 'tunnel', storage: 'copy' },
      result: { downtimeMs: 1 },
      progress: { phase: 'memory' },
      reason: null,
    })
  })

  it('keeps a paused server paused', async () => {
    const world = await aServerToMove()
    await performed(pause, { servers: ['web-1'] }, world.context)
    expect(await performed(liveMigrate, one, world.context)).toMatchObject({ host: 'host-b', status: 'PAUSED' })
    expect(await world.findings()).toEqual([])
  })

  it('takes its disks along only where the hosts do not share them', async () => {
    const world = await aServerToMove()
    for (const host of world.cloud.hosts.values()) await host.writeFile('/instances/.shared', 'pool-1')
    const refused = await faultOf(liveMigrate, { ...one, blockMigrate: true }, world.context)
    expect(refused.message).toContain('hosts host-a and host-b share the directory')
    await performed(liveMigrate, one, world.context)
    expect((await recordsOf(world.context.store, 'migrations')).map(({ options }) => options?.storage)).toEqual([
      'copy',
      'shared',
    ])
  })

  it.each(['sharesWith', 'moveLive'] as const)('that fails at %s leaves the server where it runs', async (call) => {
    const world = await aServerToMove()
    await world.cloud.misbehave('host-a', [{ call, mode: 'fail', message: 'not today' }])
    expect((await faultOf(liveMigrate, one, world.context)).message).toBe('not today')
    await expectAt(world, 'host-a', 'error')
    expect(await migrationOf(world)).toMatchObject({ reason: 'not today' })
  })

  it('whose host fails after it moved the guest is completed all the same', async () => {
    const world = await aServerToMove()
    await world.cloud.misbehave('host-a', [{ call: 'moveLive', mode: 'fail-after', message: 'connection lost' }])
    await performed(liveMigrate, one, world.context)
    await expectAt(world, 'host-b', 'completed')
  })

  it('does not fail for what the source keeps, and says so', async () => {
    const world = await aServerToMove()
    await world.cloud.misbehave('host-a', [{ call: 'leave', mode: 'fail', kind: 'unreachable', message: 'no route' }])
    expect(await performed(liveMigrate, one, world.context)).toMatchObject({ host: 'host-b', status: 'ACTIVE' })
    expect(await migrationOf(world)).toMatchObject({ status: 'completed', reason: expect.stringContaining('no route') })
  })

  it('whose guest dies on the way leaves it stopped where its disks are, and it can be started', async () => {
    const world = await aServerToMove()
    const { fault, open } = await atTheGate(world)
    await says(world, 'host-a', 'shutdown')
    open()
    expect(await fault).toMatchObject({ kind: 'conflict' })
    expect(await world.server()).toMatchObject({ host: 'host-a', vmState: 'stopped', powerState: 'shutdown', taskState: null })
    expect(await world.moves()).toEqual(['error'])
    expect(await world.findings()).toEqual([])
    await performed(start, { servers: ['web-1'] }, world.context)
    expect(await world.running()).toEqual(['host-a'])
  })

  it('leaves the server on a source that fell silent, once the destination holds nothing of it', async () => {
    const world = await aServerToMove()
    const { fault, open } = await atTheGate(world)
    world.cloud.silent.add('host-a')
    open()
    expect(await fault).toMatchObject({ kind: 'unreachable' })
    world.cloud.silent.delete('host-a')
    await expectAt(world, 'host-a', 'error')
    expect(await world.entries('host-b')).toEqual([])
  })

  it('has not moved while its source is busy and the destination waits', async () => {
    const world = await aServerToMove()
    await world.cloud.misbehave('host-a', [{ call: 'moveLive', mode: 'fail', kind: 'timeout', message: 'no answer' }])
    const { fault, open } = await atTheGate(world)
    await says(world, 'host-a', 'pending')
    await says(world, 'host-b', 'pending')
    open()
    expect(await fault).toMatchObject({ kind: 'timeout', message: 'no answer' })
    expect(await world.server()).toMatchObject({ host: 'host-a', vmState: 'active', powerState: 'running', taskState: null })
    expect(await world.entries('host-b')).toEqual([])
    await says(world, 'host-a', 'running')
    await expectAt(world, 'host-a', 'error')
  })

  it('is on no host for certain while its source is busy and the destination has all of it', async () => {
    const world = await aServerToMove()
    await world.cloud.misbehave('host-a', [{ call: 'moveLive', mode: 'fail', kind: 'timeout', message: 'no answer' }])
    const { fault, open } = await atTheGate(world)
    await says(world, 'host-a', 'pending')
    await says(world, 'host-b', 'paused')
    open()
    expect(await fault).toMatchObject({ kind: 'conflict', message: expect.stringContaining('cannot undo move') })
    expect(await world.server()).toMatchObject({ host: 'host-a' })
    expect(await world.entries('host-b')).toHaveLength(1)
  })
})

describe('in the middle of a live migration', () => {
  it('the server is MIGRATING, and both hosts hold its claim', async () => {
    const world = await aServerToMove()
    const { end } = await inTheMiddle(world)
    expect(viewOfServer(await world.server(), null)).toMatchObject({ status: 'MIGRATING', host: 'host-a' })
    expect(await migrationOf(world)).toMatchObject({ status: 'running', open: true, progress: { phase: 'memory' } })
    expect(await end).toBeUndefined()
  })

  it('another process aborts it: the server runs where it was', async () => {
    const world = await aServerToMove()
    const { end } = await inTheMiddle(world)
    expect(await performed(abort, order, world.cloud.process(2))).toMatchObject({ order: 'abort', status: 'running' })
    expect((await faultOf(forceComplete, order, world.context)).message).toContain('its abort was ordered already')
    expect(await end).toMatchObject({ kind: 'conflict', message: expect.stringContaining('aborted') })
    await expectAt(world, 'host-a', 'cancelled')
    expect(await world.server()).toMatchObject({ fault: null })
    expect(await world.entries('host-b')).toEqual([])
    await world.cloud.misbehave('host-a', [])
    await performed(liveMigrate, one, world.context)
    expect(await world.running()).toEqual(['host-b'])
  })

  it('it is aborted also when its host calls that a failure', async () => {
    const world = await aServerToMove()
    const { fault, open } = await atTheGate(world)
    await performed(abort, order, world.cloud.process(3))
    await world.cloud.misbehave('host-a', [
      { call: 'moveLive', mode: 'fail', kind: 'internal', message: 'migration of disk vda failed' },
    ])
    open()
    expect(await fault).toMatchObject({ kind: 'conflict', message: expect.stringContaining('aborted') })
    await expectAt(world, 'host-a', 'cancelled')
    expect(await world.server()).toMatchObject({ fault: null })
  })

  it('another process hastens it', async () => {
    const world = await aServerToMove()
    const { end } = await inTheMiddle(world)
    await performed(forceComplete, order, world.cloud.process(2))
    expect(await end).toBeUndefined()
    await expectAt(world, 'host-b', 'completed')
    expect((await migrationOf(world))?.result?.totalMs).toBeLessThan(30_000)
  })

  it('a delete takes the server from both hosts', async () => {
    const world = await aServerToMove()
    const { end } = await inTheMiddle(world)
    await performed(remove, { servers: ['web-1'] }, world.cloud.process(2))
    await end
    for (const host of ['host-a', 'host-b']) expect(await world.entries(host)).toEqual([])
    expect(await world.moves()).toEqual(['error'])
    expect(await world.findings()).toEqual([])
  })

  it('a reset-state frees both claims and tells the other process to stop', async () => {
    const world = await aServerToMove()
    const { end } = await inTheMiddle(world)
    await performed(resetState, { servers: ['web-1'], active: true }, world.cloud.process(2))
    expect(await end).toMatchObject({ kind: 'conflict' })
    expect(await world.running()).toEqual(['host-a'])
    expect(await migrationOf(world)).toMatchObject({ status: 'error', open: false, reason: 'reset-state' })
  })

  it('nothing but an abort may interrupt it', async () => {
    const world = await aServerToMove()
    const { end } = await inTheMiddle(world)
    expect((await faultOf(pause, { servers: ['web-1'] }, world.context)).message).toContain('it is busy (migrating)')
    await end
  })
})

it('there is nothing to abort once it is over', async () => {
  const world = await aServerToMove()
  expect(await faultOf(abort, order, world.context)).toMatchObject({ kind: 'not-found' })
  await performed(liveMigrate, one, world.context)
  const { id } = (await migrationOf(world)) ?? { id: '' }
  expect((await faultOf(abort, { target: id }, world.context)).message).toContain('it is completed')
  expect(await faultOf(abort, { target: 'nobody' }, world.context)).toMatchObject({ kind: 'not-found' })
})
