/** What every driver keeps that plugs interfaces into guests; these guests run no system that could refuse or let go. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Driver, GuestNic, GuestSpec, HotPlug } from '../../src/drivers/driver.ts'
import { aNic } from '../support/a-guest.ts'

export interface AttachDriverUnderTest {
  /** As a new process would make it. */
  driver(): Driver & HotPlug
  guest(id: string): GuestSpec
  cleanup(): Promise<void>
}

let guests = 0

/** Declares the suite for one driver. */
export function attachContract(name: string, make: () => Promise<AttachDriverUnderTest>): void {
  describe(`${name} driver, plugging interfaces`, () => {
    let test: AttachDriverUnderTest
    beforeAll(async () => {
      test = await make()
    })
    afterAll(() => test?.cleanup())
    const driver = () => test.driver()
    const first = aNic({ mac: 'fa:16:3e:00:0a:01' })
    const more: GuestNic[] = ['2', '3'].map((digit) => aNic({ mac: `fa:16:3e:00:0a:0${digit}` }))
    const macs = async (id: string) => (await driver().diagnostics?.(id))?.nics.map(({ mac }) => mac) ?? []
    const running = async (machine: GuestSpec['machine']) => {
      guests += 1
      const id = `00000000-0000-4000-b000-${String(guests).padStart(12, '0')}`
      const spec = { ...test.guest(id), machine, nics: [first] }
      await driver().createDisks?.(spec)
      await driver().spawn(spec)
      return id
    }

    it.each(['pc', 'q35'] as const)('plugs into a running %s, which has them after its next start too', async (machine) => {
      const id = await running(machine)
      for (const nic of [...more, ...more]) await driver().attachNic(id, nic)
      const all = [first, ...more].map(({ mac }) => mac)
      expect(await macs(id)).toEqual(all)
      expect((await driver().inspect(id))?.powerState).toBe('running')
      await driver().reboot(id, { kind: 'hard', timeoutMs: 0 })
      expect(await macs(id)).toEqual(all)
      await driver().destroy(id)
    })

    it('plugs into a stopped guest and out of it', async () => {
      const id = await running('q35')
      await driver().stop(id, { timeoutMs: 0 })
      for (const nic of [...more, ...more]) await driver().attachNic(id, nic)
      for (const _ of ['once', 'again']) await driver().detachNic(id, first.mac)
      const left = more.map(({ mac }) => mac)
      expect(await macs(id)).toEqual(left)
      await driver().start(id)
      expect(await macs(id)).toEqual(left)
      await driver().destroy(id)
    })

    it('takes out nothing that is not there', async () => {
      const id = await running('pc')
      await driver().detachNic(id, 'fa:16:3e:ff:ff:ff')
      expect(await macs(id)).toEqual([first.mac])
      await driver().destroy(id)
      await expect(driver().attachNic(id, first)).rejects.toMatchObject({ kind: 'not-found' })
      await expect(driver().detachNic(id, first.mac)).rejects.toMatchObject({ kind: 'not-found' })
    })
  })
}
