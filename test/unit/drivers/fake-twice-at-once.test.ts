/** The fake hypervisor is asked the same by two processes at once, of whom one is held for dead. */
import { describe, expect, it } from 'vitest'
import { fakeDriver } from '../../../src/drivers/fake/index.ts'
import { scriptedHost } from '../../../src/hosts/scripted.ts'
import { fixedClock } from '../../support/a-context.ts'
import { aDisk, aGuest } from '../../support/a-guest.ts'

const instancesPath = '/instances'
const disk = aDisk({ role: 'extra', serial: 'a'.repeat(20) })

async function world() {
  const host = await scriptedHost({ files: { [`${instancesPath}/.keep`]: '' } })
  const spec = aGuest()
  const driver = () => fakeDriver({ host, instancesPath, clock: fixedClock(), epoch: 1 })
  await driver().spawn(spec)
  return { host, spec, driver }
}

describe('asked twice at once', () => {
  it('plugs a disk once', async () => {
    const { host, spec, driver } = await world()
    await Promise.all([driver().attachDisk?.(spec.id, disk), driver().attachDisk?.(spec.id, disk)])
    const bytes = await host.readFile(`${instancesPath}/${spec.id}/guest.json`)
    const guest = JSON.parse(String(bytes)) as { spec: { disks: { serial?: string }[] } }
    expect(guest.spec.disks.filter(({ serial }) => serial === disk.serial)).toHaveLength(1)
  })
})
