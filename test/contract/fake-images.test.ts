/** The fake hypervisor makes images of guests and plugs interfaces as the real ones do. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Driver, HotPlug, Snapshots } from '../../src/drivers/driver.ts'
import type { Guest } from '../../src/drivers/fake/guest.ts'
import { fakeDriver } from '../../src/drivers/fake/index.ts'
import { scriptedHost } from '../../src/hosts/scripted.ts'
import { systemClock } from '../../src/system/clock.ts'
import { aGuest } from '../support/a-guest.ts'
import { receive } from '../support/host-directory.ts'
import { attachContract } from './attach-contract.ts'
import { attachDiskContract } from './attach-disk-contract.ts'
import { snapshotContract } from './snapshot-contract.ts'

const instancesPath = '/instances'

async function fake() {
  const host = await scriptedHost({ files: { [`${instancesPath}/.keep`]: '' } })
  const driver = () => fakeDriver({ host, instancesPath, clock: systemClock, epoch: 1, receive }) as Driver & Snapshots & HotPlug
  return { host, driver, guest: (id: string) => aGuest({ id }) }
}

snapshotContract('fake', async () => {
  const { host, ...rest } = await fake()
  const directory = mkdtempSync(join(tmpdir(), 'nk-'))
  return {
    ...rest,
    directory,
    hasContent: async () => true,
    isMadeUp: true as const,
    files: (id) => host.readdir(`${instancesPath}/${id}`),
    cleanup: async () => rmSync(directory, { recursive: true }),
  }
})

attachContract('fake', async () => ({ ...(await fake()), cleanup: async () => {} }))

attachDiskContract('fake', async () => {
  const { host, ...rest } = await fake()
  const kept = async (id: string): Promise<Pick<Guest, 'spec' | 'disks'>> =>
    JSON.parse(String(await host.readFile(`${instancesPath}/${id}/guest.json`)))
  return {
    ...rest,
    serials: async (id) => (await kept(id)).spec?.disks.flatMap(({ serial }) => serial ?? []) ?? [],
    extraFiles: async (id) => (await kept(id)).disks.filter((role) => role === 'extra'),
    cleanup: async () => {},
  }
})
