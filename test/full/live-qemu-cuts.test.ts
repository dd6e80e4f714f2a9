/** A live move whose controller dies at any moment: the guest runs once at most, and the repeated move brings it over whole. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { GuestSpec, LiveOrder } from '../../src/drivers/driver.ts'
import { qemuDriver } from '../../src/drivers/qemu/index.ts'
import type { LiveDriversUnderTest, Side } from '../contract/live-contract.ts'
import { type Cutter, cutAt } from '../support/cut-host.ts'
import { livePair } from '../support/live-pair.ts'
import { qemuHost } from '../support/qemu-host.ts'

const order: LiveOrder = {
  transport: 'tunnel',
  storage: 'copy',
  maxDowntimeMs: null,
  bandwidth: null,
  autoConverge: false,
  postCopy: false,
}

describe('a live move that is cut', { timeout: 600_000 }, () => {
  const hosts = { here: qemuHost(), there: qemuHost() }
  let pairs: Readonly<Record<Side, LiveDriversUnderTest>>
  let spec: GuestSpec
  let before: string
  let at: Side = 'here'
  beforeAll(async () => {
    const [here, there] = [hosts.here.context, hosts.there.context]
    pairs = { here: livePair({ here, there }), there: livePair({ here: there, there: here }) }
    spec = await pairs.here.guest('00000000-0000-4000-8000-000000000001')
    await pairs.here.makeDisks(spec)
    before = await pairs.here.contents('here', spec)
    await pairs.here.here().spawn(spec)
  })
  afterAll(async () => {
    for (const pair of Object.values(pairs)) await pair.cleanup()
    for (const host of Object.values(hosts)) await host.cleanup()
  })
  const states = async () => {
    const sides = Object.values(hosts).map(({ driver }) => driver().inspect(spec.id))
    return (await Promise.all(sides)).map((state) => state?.powerState)
  }
  /** Resolves with whether the move was cut before its end. */
  const killed = async (cutter: Cutter, to: Side): Promise<boolean> => {
    const source = qemuDriver({ ...hosts[at].context, host: cutter.through(hosts[at].host) })
    const place = { ...pairs[at].place, host: cutter.through(hosts[to].host) }
    return source
      .moveLive(spec.id, place, spec, order, () => {})
      .then(
        () => false,
        () => true,
      )
  }

  it('comes to its end by a repeat, wherever it was', async () => {
    const seen = new Set<string>()
    let isCut = true
    for (let number = 1; isCut; number += 1) {
      const to: Side = at === 'here' ? 'there' : 'here'
      await pairs[at].there().makeRoom(spec, order)
      isCut = await killed(cutAt(number), to)
      const after = await states()
      seen.add([...after].sort().join(' '))
      expect(after.filter((state) => state === 'running').length, `running copies after a cut at ${number}`).toBeLessThan(2)
      await pairs[at].here().moveLive(spec.id, pairs[at].place, spec, order, () => {})
      expect((await hosts[to].driver().inspect(spec.id))?.powerState, `the guest after a cut at ${number}`).toBe('running')
      await pairs[at].here().leave(spec.id, 'copy')
      at = to
      expect((await states()).filter((state) => state !== undefined)).toEqual(['running'])
    }
    await hosts[at].driver().stop(spec.id, { timeoutMs: 0 })
    expect(await pairs.here.contents(at, spec)).toBe(before)
    expect(seen.size).toBeGreaterThan(1)
  })
})
