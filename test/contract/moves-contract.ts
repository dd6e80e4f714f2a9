/** What every driver that moves guests keeps; here within one host, where both copies are nearest to each other. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Driver, GuestPlace, GuestSpec, LiveMoves, Moves } from '../../src/drivers/driver.ts'

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

export interface SharingDriversUnderTest {
  /** The driver of the host where guests start, as a new process would make it. */
  here(): Driver & Moves & LiveMoves
  /** That of another host which sees the same files. */
  there(): Driver & Moves & LiveMoves
  /** The other host, as the first one's driver is given it. */
  readonly place: GuestPlace
  guest(id: string): GuestSpec
  cleanup(): Promise<void>
}

/** Declares the suite for two hosts with one directory. */
export function sharedMovesContract(name: string, make: () => Promise<SharingDriversUnderTest>, timeout = 120_000): void {
  describe(`${name} driver, moving guests in a directory of two hosts`, { timeout }, () => {
    let test: SharingDriversUnderTest
    beforeAll(async () => {
      test = await make()
    }, timeout)
    afterAll(() => test?.cleanup(), timeout)
    const powerStates = async (id: string) => {
      const found = await Promise.all([test.here().inspect(id), test.there().inspect(id)])
      return found.map((state) => (state?.powerState === 'running' ? 'running' : 'not running'))
    }
    const moved = async () => {
      guests += 1
      const spec = test.guest(`00000000-0000-4000-9000-${String(guests).padStart(12, '0')}`)
      await test.here().createDisks?.(spec)
      await test.here().spawn(spec)
      expect(await test.here().sharesWith(spec.id, test.place)).toBe(true)
      await test.here().stop(spec.id, { timeoutMs: 0 })
      for (const _ of ['once', 'again']) await test.here().setAside(spec.id)
      for (const _ of ['once', 'again']) await test.here().sendDisks(spec.id, test.place, spec)
      for (const _ of ['once', 'again']) await test.there().adopt(spec)
      await test.there().start(spec.id)
      expect(await powerStates(spec.id)).toEqual(['not running', 'running'])
      return spec.id
    }

    it('keeps the guest that moved when the old copy is dropped', async () => {
      const id = await moved()
      for (const _ of ['once', 'again']) await test.here().dropAside(id)
      await test.here().takeBack(id)
      expect(await powerStates(id)).toEqual(['not running', 'running'])
      await test.there().destroy(id)
      for (const driver of [test.here(), test.there()]) expect(await driver.inspect(id)).toBeUndefined()
    })

    it('leaves the files of the guest that is taken back', async () => {
      const id = await moved()
      await test.there().stop(id, { timeoutMs: 0 })
      for (const _ of ['once', 'again']) await test.there().leave(id, 'shared')
      for (const _ of ['once', 'again']) await test.here().takeBack(id)
      await test.there().leave(id, 'shared')
      await test.here().start(id)
      expect(await powerStates(id)).toEqual(['running', 'not running'])
      await test.here().destroy(id)
      for (const driver of [test.here(), test.there()]) expect(await driver.inspect(id)).toBeUndefined()
    })
  })
}
