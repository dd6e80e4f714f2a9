/** A live move whose controller dies at any moment: the guest runs once at most, and the repeated move brings it over whole. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { GuestSpec, LiveOrder } from '../../src/drivers/driver.ts'
import type { QemuContext } from '../../src/drivers/qemu/context.ts'
import { qemuDriver } from '../../src/drivers/qemu/index.ts'
import type { LiveDriversUnderTest, Side } from '../contract/live-contract.ts'
import { type Cutter, cutAt } from '../support/cut-host.ts'
import { sharedPath } from '../support/libvirt-pair.ts'
import { livePair } from '../support/live-pair.ts'
import { qemuHost } from '../support/qemu-host.ts'
import { qemuOnRig } from '../support/qemu-on-rig.ts'
import { startRig } from '../support/rig/rig.ts'
import { rigObstacle } from '../support/rig/rig-obstacle.ts'

const order: LiveOrder = {
  transport: 'tunnel',
  storage: 'copy',
  maxDowntimeMs: null,
  bandwidth: null,
  autoConverge: false,
  postCopy: false,
}

interface Hosts {
  readonly contexts: Readonly<Record<Side, QemuContext>>
  close(): Promise<unknown>
}

async function apart(): Promise<Hosts> {
  const [here, there] = [qemuHost(), qemuHost()]
  return {
    contexts: { here: here.context, there: there.context },
    close: () => Promise.all([here.cleanup(), there.cleanup()]),
  }
}

async function together(): Promise<Hosts> {
  const rig = await startRig(2)
  const contexts = { here: qemuOnRig(rig, 1, sharedPath), there: qemuOnRig(rig, 2, sharedPath) }
  const close = async () => {
    for (const { host } of Object.values(contexts)) await host.close()
    await rig.down()
  }
  return { contexts, close }
}

const obstacle = rigObstacle()
const skipped = obstacle === undefined ? '' : ` (skipped: ${obstacle})`
/** Over ssh every operation takes long: not each of them is cut there. */
const kinds = [
  ['its disks going along', 'copy', apart, 1],
  [`its disks in a directory that both hosts see${skipped}`, 'shared', together, 3],
] as const

describe.each(kinds)('a live move that is cut, %s', { timeout: 900_000 }, (_, storage, make, stride) => {
  const isOut = storage === 'shared' && obstacle !== undefined
  let hosts: Hosts
  let pairs: Readonly<Record<Side, LiveDriversUnderTest>>
  let spec: GuestSpec
  let before: string
  let at: Side = 'here'
  const own = { ...order, storage }
  beforeAll(async () => {
    if (isOut) return
    hosts = await make()
    const { here, there } = hosts.contexts
    pairs = { here: livePair({ here, there }), there: livePair({ here: there, there: here }) }
    spec = await pairs.here.guest('00000000-0000-4000-8000-000000000001')
    await pairs.here.makeDisks(spec)
    before = await pairs.here.contents('here', spec)
    await pairs.here.here().spawn(spec)
  }, 120_000)
  afterAll(async () => {
    for (const pair of Object.values(pairs ?? {})) await pair.cleanup()
    await hosts?.close()
  }, 120_000)
  const driver = (side: Side) => qemuDriver(hosts.contexts[side])
  const states = async () => {
    const found = await Promise.all([driver('here').inspect(spec.id), driver('there').inspect(spec.id)])
    return found.map((state) => (state?.hasFilesOnly && storage === 'shared' ? undefined : state?.powerState))
  }
  /** Resolves with whether the move was cut before its end. */
  const killed = async (cutter: Cutter, to: Side): Promise<boolean> => {
    const source = qemuDriver({ ...hosts.contexts[at], host: cutter.through(hosts.contexts[at].host) })
    const place = { ...pairs[at].place, host: cutter.through(hosts.contexts[to].host) }
    return source
      .moveLive(spec.id, place, spec, own, () => {})
      .then(
        () => false,
        () => true,
      )
  }

  it.skipIf(isOut)('comes to its end by a repeat, wherever it was', async () => {
    const seen = new Set<string>()
    let isCut = true
    for (let number = 1; isCut; number += stride) {
      const to: Side = at === 'here' ? 'there' : 'here'
      await pairs[at].there().makeRoom(spec, own)
      isCut = await killed(cutAt(number), to)
      const after = await states()
      seen.add([...after].sort().join(' '))
      expect(after.filter((state) => state === 'running').length, `running copies after a cut at ${number}`).toBeLessThan(2)
      await pairs[at].here().moveLive(spec.id, pairs[at].place, spec, own, () => {})
      expect((await driver(to).inspect(spec.id))?.powerState, `the guest after a cut at ${number}`).toBe('running')
      await pairs[at].here().leave(spec.id, storage)
      at = to
      expect((await states()).filter((state) => state !== undefined)).toEqual(['running'])
    }
    await driver(at).stop(spec.id, { timeoutMs: 0 })
    expect(await pairs.here.contents(at, spec)).toBe(before)
    expect(seen.size).toBeGreaterThan(1)
  })
})
