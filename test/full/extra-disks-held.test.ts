/** A guest that does not let go of an extra disk keeps it, whole, until it is asked again where it can. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { aDisk, aGuest } from '../support/a-guest.ts'
import { extraSerials } from '../support/extra-disks.ts'
import { qemuHost } from '../support/qemu-host.ts'

const { context, driver, instancesPath, cleanup } = qemuHost()
afterAll(cleanup)

it('is told when it took too long, and is free of it once it is stopped', async () => {
  const guest = aGuest({ machine: 'q35' })
  const serial = 'ab'.repeat(10)
  const file = join(instancesPath, guest.id, `disk.extra-${serial}`)
  await driver().createDisks(guest)
  await driver().spawn(guest)
  await driver().attachDisk(guest.id, aDisk({ role: 'extra', serial }))
  const before = readFileSync(file)
  // Nothing runs in it that could hear of the request, the second time as the first.
  for (const _ of ['once', 'again'])
    await expect(driver().detachDisk(guest.id, serial)).rejects.toMatchObject({ kind: 'timeout' })
  expect(await extraSerials(context, guest.id)).toEqual([serial])
  await driver().stop(guest.id, { timeoutMs: 0 })
  expect(readFileSync(file).equals(before)).toBe(true)
  expect(await extraSerials(context, guest.id)).toEqual([serial])
  await driver().detachDisk(guest.id, serial)
  expect(await extraSerials(context, guest.id)).toEqual([])
  expect(existsSync(file)).toBe(false)
})
