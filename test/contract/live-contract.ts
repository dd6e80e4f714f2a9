/** What every driver that moves running guests keeps, whatever the way between the two hosts: outcomes only. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Driver, GuestPlace, GuestSpec, LiveMoves, LiveOrder, LiveProgress } from '../../src/drivers/driver.ts'

export type LiveDriver = Driver & LiveMoves
export type Side = 'here' | 'there'

export interface LiveDriversUnderTest {
  /** The driver of the host where guests start, as a new process would make it. */
  here(): LiveDriver
  /** The driver of the other host. */
  there(): LiveDriver
  /** The other host, as the first one's driver is given it. */
  readonly place: GuestPlace
  readonly order?: Partial<LiveOrder>
  /** Whether both hosts see the same files. */
  readonly shares: boolean
  guest(id: string): GuestSpec | Promise<GuestSpec>
  /** Makes the guest's disks on the first host, with some MiB of content that no image has. */
  makeDisks(spec: GuestSpec): Promise<void>
  /** A digest of what the guest reads from its disks there; it does not run. */
  contents(side: Side, spec: GuestSpec): Promise<string>
  cleanup(): Promise<void>
}

const plainOrder: LiveOrder = {
  transport: 'tunnel',
  storage: 'copy',
  maxDowntimeMs: null,
  bandwidth: null,
  autoConverge: false,
  postCopy: false,
}
const phases: readonly LiveProgress['phase'][] = ['disks', 'memory', 'post-copy', 'switch-over']
let guests = 0

/** Declares the suite for one pair of hosts. */
export function liveContract(name: string, make: () => Promise<LiveDriversUnderTest>, timeout = 120_000): void {
  describe(`${name} driver, moving running guests`, { timeout }, () => {
    let test: LiveDriversUnderTest
    beforeAll(async () => {
      test = await make()
    }, timeout)
    afterAll(() => test?.cleanup(), timeout)
    const order = (change: Partial<LiveOrder> = {}): LiveOrder => ({ ...plainOrder, ...test.order, ...change })
    const storage = () => order().storage
    const powerState = async (side: Side, id: string) => (await test[side]().inspect(id))?.powerState

    const started = async () => {
      guests += 1
      const spec = await test.guest(`00000000-0000-4000-8000-${String(guests).padStart(12, '0')}`)
      await test.makeDisks(spec)
      const before = await test.contents('here', spec)
      await test.here().spawn(spec)
      return { spec, id: spec.id, before }
    }
    const moved = async (
      spec: GuestSpec,
      change: Partial<LiveOrder> = {},
      report: (progress: LiveProgress) => void = () => {},
    ) => {
      await test.there().makeRoom(spec, order(change))
      return test.here().moveLive(spec.id, test.place, spec, order(change), report)
    }
    const isThere = async (id: string) => {
      expect(await powerState('there', id)).toBe('running')
      expect(await powerState('here', id)).not.toBe('running')
    }

    it('runs the guest there and no longer here, its disks are the same, and repeats change nothing', async () => {
      const { spec, id, before } = await started()
      expect(await test.here().sharesWith(id, test.place)).toBe(test.shares)
      const result = await moved(spec)
      await isThere(id)
      for (const number of Object.values(result)) expect(number ?? 0).toBeGreaterThanOrEqual(0)
      await test.here().moveLive(id, test.place, spec, order(), () => {})
      await isThere(id)
      for (const _ of ['once', 'again']) await test.here().leave(id, storage())
      if (!test.shares) expect(await test.here().inspect(id)).toBeUndefined()
      await isThere(id)
      await test.there().stop(id, { timeoutMs: 0 })
      expect(await test.contents('there', spec)).toBe(before)
      await test.there().destroy(id)
    })

    it('never leaves a guest that runs', async () => {
      const { id } = await started()
      for (const kind of ['copy', 'shared'] as const)
        await expect(test.here().leave(id, kind)).rejects.toMatchObject({ kind: 'conflict' })
      expect(await powerState('here', id)).toBe('running')
      await test.here().destroy(id)
    })

    it('makes room twice, runs nothing in it, and gives it back', async () => {
      const { spec, id } = await started()
      for (const _ of ['once', 'again']) await test.there().makeRoom(spec, order())
      expect(await powerState('there', id)).not.toBe('running')
      await test.there().leave(id, storage())
      if (!test.shares) expect(await test.there().inspect(id)).toBeUndefined()
      expect(await powerState('here', id)).toBe('running')
      await test.here().destroy(id)
    })

    it('reports how far it is: from the disks to the memory to the end', async () => {
      const { spec, id } = await started()
      const reports: LiveProgress[] = []
      await moved(spec, {}, (progress) => reports.push(progress))
      const at = reports.map(({ phase }) => phases.indexOf(phase))
      expect(at.length).toBeGreaterThan(0)
      expect(at).toEqual([...at].sort((one, other) => one - other))
      const copied = reports.map(({ disks }) => disks.total - disks.remaining)
      expect(copied).toEqual([...copied].sort((one, other) => one - other))
      for (const { disks, memory } of reports) {
        for (const { total, remaining } of [disks, memory]) expect(total).toBeGreaterThanOrEqual(remaining)
      }
      expect(reports.at(-1)).toMatchObject({ disks: { remaining: 0 } })
      await test.there().destroy(id)
    })

    it('runs on here when it is aborted, and moves the next time', async () => {
      const { spec, id, before } = await started()
      let aborted: Promise<void> | undefined
      const moving = moved(spec, { bandwidth: 1 }, () => {
        aborted ??= test.here().abortLive(id)
      })
      await expect(moving).rejects.toMatchObject({ kind: 'conflict' })
      await aborted
      expect(await powerState('here', id)).toBe('running')
      await test.there().leave(id, storage())
      expect(await powerState('there', id)).not.toBe('running')
      await moved(spec)
      await isThere(id)
      await test.here().leave(id, storage())
      await test.there().stop(id, { timeoutMs: 0 })
      expect(await test.contents('there', spec)).toBe(before)
      await test.there().destroy(id)
    })

    it('ends all the same when it is forced', async () => {
      const { spec, id } = await started()
      let forced: Promise<void> | undefined
      await moved(spec, { maxDowntimeMs: 1 }, () => {
        forced ??= test.here().forceLive(id)
      })
      await forced
      await isThere(id)
      await test.there().destroy(id)
    })

    it('changes nothing when there is no move to abort or to force', async () => {
      const { id } = await started()
      await test.here().abortLive(id)
      await test.here().forceLive(id)
      expect(await powerState('here', id)).toBe('running')
      await test.here().destroy(id)
    })

    it('moves no guest that does not run', async () => {
      const { spec, id } = await started()
      await test.here().stop(id, { timeoutMs: 0 })
      await expect(moved(spec)).rejects.toMatchObject({ kind: 'conflict' })
      expect(await powerState('there', id)).not.toBe('running')
      await test.there().leave(id, storage())
      await test.here().destroy(id)
    })
  })
}
