/** Images of real qemu guests and interfaces of theirs; the one that boots hears that its hardware changes. */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { GuestSpec } from '../../src/drivers/driver.ts'
import { attachContract } from '../contract/attach-contract.ts'
import { snapshotContract } from '../contract/snapshot-contract.ts'
import { aDisk, aGuest, aNic } from '../support/a-guest.ts'
import { directGuest, loginPrompt } from '../support/bootable-guest.ts'
import { diskContent } from '../support/disk-content.ts'
import { qemuHost } from '../support/qemu-host.ts'
import { typeLine } from '../support/serial-console.ts'

snapshotContract('qemu', async () => {
  const { driver, root, instancesPath, cleanup } = qemuHost('a,b=c d')
  const { image, imageFile, disk, isIn } = diskContent(root)
  await driver().cacheImage(image, imageFile)
  return {
    driver,
    directory: root,
    guest: (id) => aGuest({ id, disks: [disk, aDisk({ role: 'swap' })] }),
    hasContent: isIn,
    files: async (id) => readdirSync(join(instancesPath, id)),
    cleanup,
  }
})

attachContract('qemu', async () => {
  const { driver, cleanup } = qemuHost()
  return { driver, guest: (id) => aGuest({ id }), cleanup }
})

describe('a guest that boots', () => {
  const { host, driver, cleanup } = qemuHost()
  const [first, second] = [aNic(), aNic({ mac: 'fa:16:3e:00:00:02' })]
  let guest: GuestSpec
  beforeAll(async () => {
    guest = { ...(await directGuest(driver())), disks: [aDisk()], nics: [first] }
    await driver().createDisks(guest)
    await driver().spawn(guest)
    await loginPrompt(driver(), guest.id)
  })
  afterAll(cleanup)
  const tell = async (line: string, answer: string) => {
    const console = await host.connect(await driver().consoleSocket(guest.id))
    await typeLine(console, `${line}; echo "<$said>"`, `<${answer}>`, 60_000)
    console.destroy()
  }
  const addresses = 'said=$(cat /sys/class/net/e*/address | tr "\\n" " ")'

  it('sees an interface come and go', async () => {
    await driver().attachNic(guest.id, second)
    await tell(`sleep 2; ${addresses}`, `${first.mac} ${second.mac} `)
    await driver().detachNic(guest.id, second.mac)
    await tell(addresses, `${first.mac} `)
    await driver().attachNic(guest.id, second)
    await tell(`sleep 2; ${addresses}`, `${first.mac} ${second.mac} `)
  })

  it('keeps the interface that it was started with until it is stopped', async () => {
    await expect(driver().detachNic(guest.id, first.mac)).rejects.toMatchObject({ kind: 'unsupported' })
    await driver().stop(guest.id, { timeoutMs: 0 })
    await driver().detachNic(guest.id, first.mac)
    expect((await driver().diagnostics(guest.id)).nics.map(({ mac }) => mac)).toEqual([second.mac])
  })
})
