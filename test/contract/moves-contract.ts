/** What every driver that moves guests keeps; here within one host, where both copies are nearest to each other. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Driver, GuestPlace, GuestSpec, Moves } from '../../src/drivers/driver.ts'

export interface MovingDriverUnderTest {
  /** As a new process would make it. */
  driver(): Driver & Moves
  /** The driver's own host as the other side of a move. */
  readonly place: GuestPlace
  guest(id: string): GuestSpec
  cleanup(): Promise<void>
}

let guests = 0

/** Declares the suite for one driver. */
export function movesContract(name: string, make: () => Promise<MovingDriverUnderTest>): void {
  describe(`${name} driver, moving guests`, () => {
    let test: MovingDriverUnderTest
    beforeAll(async () => {
      test = await make()
    })
    afterAll(() => test?.cleanup())
    const driver = () => test.driver()
    const powerState = async (id: string) => (await driver().inspect(id))?.powerState
    const running = async () => {
      guests += 1
      const spec = test.guest(`00000000-0000-4000-9000-${String(guests).padStart(12, '0')}`)
      await driver().createDisks?.(spec)
      await driver().spawn(spec)
      return spec
    }
    const aside = async () => {
      const spec = await running()
      await driver().stop(spec.id, { timeoutMs: 0 })
      await driver().setAside(spec.id)
      return spec
    }
    const larger = (spec: GuestSpec) => ({
      ...spec,
      ram: spec.ram * 2,
      disks: spec.disks.map((disk) => ({ ...disk, bytes: disk.bytes * 2 })),
    })

    it('puts no guest aside that runs', async () => {
      const { id } = await running()
      await expect(driver().setAside(id)).rejects.toMatchObject({ kind: 'conflict' })
      expect(await powerState(id)).toBe('running')
      await driver().destroy(id)
    })

    it('knows nothing of a guest that is aside, until it takes it back', async () => {
      const { id } = await aside()
      await driver().setAside(id)
      expect(await driver().inspect(id)).toBeUndefined()
      expect((await driver().list()).map((guest) => guest.id)).not.toContain(id)
      await expect(driver().start(id)).rejects.toMatchObject({ kind: 'not-found' })
      await driver().takeBack(id)
      await driver().takeBack(id)
      expect(await powerState(id)).toBe('shutdown')
      await driver().start(id)
      expect(await powerState(id)).toBe('running')
      await driver().takeBack(id)
      expect(await powerState(id)).toBe('running')
      await driver().destroy(id)
    })

    it('makes a larger guest of the disks, and ends it when the old one is taken back', async () => {
      const spec = await aside()
      for (const _ of ['once', 'again']) await driver().sendDisks(spec.id, test.place, larger(spec))
      for (const _ of ['once', 'again']) await driver().adopt(larger(spec))
      expect(await powerState(spec.id)).toBe('shutdown')
      await driver().start(spec.id)
      expect((await driver().diagnostics?.(spec.id))?.memoryMb.maximum).toBe(spec.ram * 2)
      await driver().takeBack(spec.id)
      expect(await powerState(spec.id)).toBe('shutdown')
      expect((await driver().diagnostics?.(spec.id))?.memoryMb.maximum).toBe(spec.ram)
      await driver().destroy(spec.id)
      expect(await driver().inspect(spec.id)).toBeUndefined()
    })

    it('keeps the guest that moved when the old copy is dropped', async () => {
      const spec = await aside()
      await driver().sendDisks(spec.id, test.place, spec)
      await driver().adopt(spec)
      await driver().start(spec.id)
      for (const _ of ['once', 'again']) await driver().dropAside(spec.id)
      await driver().takeBack(spec.id)
      expect(await powerState(spec.id)).toBe('running')
      await driver().destroy(spec.id)
    })

    it('makes no guest of disks that never arrived', async () => {
      const id = '00000000-0000-4000-9000-999999999999'
      await expect(driver().adopt(test.guest(id))).rejects.toMatchObject({ kind: 'not-found' })
      await expect(driver().sendDisks(id, test.place, test.guest(id))).rejects.toMatchObject({ kind: 'not-found' })
      await driver().destroy(id)
    })
  })
}
