/** What every driver keeps that plugs extra disks into guests; these guests run no system that could refuse or let go. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Driver, GuestDisk, GuestSpec, HotPlug } from '../../src/drivers/driver.ts'
import { aDisk, aNic } from '../support/a-guest.ts'

export interface AttachDiskDriverUnderTest {
  /** As a new process would make it. */
  driver(): Driver & HotPlug
  guest(id: string): GuestSpec
  /** Serials of the extra disks that the guest has: where it runs those of its process, else those of its definition. */
  serials(id: string): Promise<readonly string[]>
  /** Names of the files of its extra disks, and of what was to become one. */
  extraFiles(id: string): Promise<readonly string[]>
  cleanup(): Promise<void>
}

let guests = 0

/** Declares the suite for one driver. */
export function attachDiskContract(
  name: string,
  make: () => Promise<AttachDiskDriverUnderTest>,
  machines: readonly GuestSpec['machine'][] = ['pc', 'q35'],
): void {
  describe(`${name} driver, plugging disks`, () => {
    let test: AttachDiskDriverUnderTest
    beforeAll(async () => {
      test = await make()
    })
    afterAll(() => test?.cleanup())
    const driver = () => test.driver()
    const disks: GuestDisk[] = ['a', 'b'].map((digit) => aDisk({ role: 'extra', bytes: 4 * 1024 ** 2, serial: digit.repeat(20) }))
    const [first, second] = disks.map(({ serial }) => serial ?? '')
    const running = async (machine: GuestSpec['machine']) => {
      guests += 1
      const id = `00000000-0000-4000-b100-${String(guests).padStart(12, '0')}`
      const spec = { ...test.guest(id), machine, nics: [aNic()] }
      await driver().createDisks?.(spec)
      await driver().spawn(spec)
      return id
    }

    it.each(machines)('plugs into a running %s, which has them after its next start too', async (machine) => {
      const id = await running(machine)
      for (const disk of [...disks, ...disks]) await driver().attachDisk(id, disk)
      expect(await test.serials(id)).toEqual([first, second])
      expect((await driver().inspect(id))?.powerState).toBe('running')
      await driver().reboot(id, { kind: 'hard', timeoutMs: 0 })
      expect(await test.serials(id)).toEqual([first, second])
      await driver().destroy(id)
    })

    it('makes no lost disk anew, and removes with its file what is taken out of a stopped guest', async () => {
      const [disk = aDisk()] = disks
      const id = await running('q35')
      await driver().stop(id, { timeoutMs: 0 })
      await driver().detachDisk(id, first ?? '')
      await expect(driver().attachDisk(id, disk, { mustExist: true })).rejects.toMatchObject({ kind: 'not-found' })
      expect(await test.serials(id)).toEqual([])
      for (const each of disks) await driver().attachDisk(id, each)
      await driver().attachDisk(id, disk, { mustExist: true })
      for (const _ of ['once', 'again']) await driver().detachDisk(id, first ?? '')
      expect(await test.serials(id)).toEqual([second])
      expect(await test.extraFiles(id)).toHaveLength(1)
      await driver().detachDisk(id, second ?? '')
      expect(await test.extraFiles(id)).toEqual([])
      await driver().destroy(id)
      await expect(driver().attachDisk(id, disk)).rejects.toMatchObject({ kind: 'not-found' })
      await expect(driver().detachDisk(id, first ?? '')).rejects.toMatchObject({ kind: 'not-found' })
    })
  })
}
