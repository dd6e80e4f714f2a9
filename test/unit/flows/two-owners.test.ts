/** Operations whose owner is held for dead while it lives: somebody else works them, and nobody beside him. */
import { describe, expect, it } from 'vitest'
import { create } from '../../../src/actions/server/create.ts'
import { remove } from '../../../src/actions/server/delete.ts'
import { localBus } from '../../../src/bus/local.ts'
import { aCloud } from '../../support/a-cloud.ts'
import { faultOf, performed, recordsOf, type TestContext } from '../../support/a-context.ts'
import { findingsOf } from '../../support/broken-steps.ts'
import { passed } from '../../support/turns.ts'
import { virtualClock } from '../../support/virtual-clock.ts'

const boot = { name: 'web-1', image: 'cirros', flavor: 'm1.small' }
const [slow, quick] = [2, 9]

/** A cloud that notes which process calls hosts. */
async function world() {
  const callers = new Set<number>()
  const clock = virtualClock()
  const cloud = await aCloud(['host-a'], {
    clock,
    busOf: (pid, resolve) => {
      const inner = localBus({ clock, resolve })
      const request: typeof inner.request = (...call) => {
        callers.add(pid)
        return inner.request(...call)
      }
      return { ...inner, request }
    },
  })
  let open: () => void = () => undefined
  const gate = new Promise<void>((resolve) => {
    open = resolve
  })
  const other = cloud.process(quick, { paused: { method: 'spawn', gate } })
  const owner = async () => (await recordsOf(cloud.context.store, 'flows'))[0]?.owner?.pid
  /** Between what the process began and its work on it another one takes it, and is in the middle of it. */
  const overtaken = (): TestContext => {
    const own = cloud.process(slow)
    const run: typeof own.flows.run = async (id) => {
      cloud.dead.add(slow)
      other.flows.attend(id).catch(() => undefined)
      await passed(async () => (await owner()) === quick)
      return own.flows.run(id)
    }
    return { ...own, flows: { ...own.flows, run } }
  }
  async function ended<T>(work: Promise<T>): Promise<T> {
    let isOver = false
    const over = () => {
      isOver = true
    }
    work.then(over, over)
    await clock.pass(() => isOver, 2000)
    open()
    expect(await clock.pass(() => isOver, 60_000)).toBe(true)
    return work
  }
  return { cloud, callers, overtaken, ended }
}

describe('a process whose operation was taken before it began to work', () => {
  it('does nothing beside its successor, and tells its caller the end', async () => {
    const { cloud, callers, overtaken, ended } = await world()
    expect(await ended(performed(create, boot, overtaken()))).toMatchObject({ status: 'ACTIVE' })
    expect([...callers]).toEqual([quick])
    expect(await findingsOf(cloud)).toEqual([])
  })

  it('tells its caller why it failed', async () => {
    const { cloud, callers, overtaken, ended } = await world()
    await cloud.misbehave('host-a', [{ call: 'spawn', mode: 'fail' }])
    expect(await ended(faultOf(create, boot, overtaken()))).toMatchObject({ kind: 'no-valid-host' })
    expect([...callers]).toEqual([quick])
    expect(await findingsOf(cloud)).toEqual([])
  })
})

describe('a process whose operation was taken in the middle', () => {
  it('waits for the end like its caller', async () => {
    const { cloud, ended } = await world()
    let go: () => void = () => undefined
    const gate = new Promise<void>((resolve) => {
      go = resolve
    })
    const asked = performed(create, boot, cloud.process(slow, { paused: { method: 'createDisks', gate } }))
    const isThere = async () =>
      (await recordsOf(cloud.context.store, 'flows'))[0]?.steps.some(
        ({ name, status }) => name === 'disks' && status === 'running',
      ) === true
    await passed(isThere)
    cloud.dead.add(slow)
    const [flow] = await recordsOf(cloud.context.store, 'flows')
    await cloud.context.flows.attend(flow?.id ?? '')
    go()
    expect(await ended(asked)).toMatchObject({ status: 'ACTIVE' })
    expect(await findingsOf(cloud)).toEqual([])
  })

  it('says what it gave way to', async () => {
    const { cloud, ended } = await world()
    let go: () => void = () => undefined
    const gate = new Promise<void>((resolve) => {
      go = resolve
    })
    const asked = faultOf(create, boot, cloud.process(slow, { paused: { method: 'createDisks', gate } }))
    await passed(async () => (await recordsOf(cloud.context.store, 'flows')).length > 0)
    await performed(remove, { servers: ['web-1'] }, cloud.process(quick))
    go()
    expect(await ended(asked)).toMatchObject({ kind: 'conflict', message: 'create was pre-empted by delete' })
    expect(await findingsOf(cloud)).toEqual([])
  })
})
