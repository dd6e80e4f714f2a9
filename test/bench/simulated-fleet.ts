/** A fleet of fake hosts and the servers on them, as records and as guests, made without booting each. */
import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fakeInventory } from '../../src/drivers/fake/inventory.ts'
import { openJsonStore } from '../../src/state/json/json-store.ts'
import { seedStore } from '../../src/state/seed.ts'
import { systemClock } from '../../src/system/clock.ts'
import { systemFs } from '../../src/system/fs.ts'
import { systemRandom } from '../../src/system/random.ts'
import { aDisk, aGuest } from '../support/a-guest.ts'
import { aHost } from '../support/a-host.ts'
import { aServer } from '../support/a-server.ts'

export interface SimulatedFleet {
  readonly state: string
  /** Where the fake hypervisors keep their guests. */
  readonly hypervisors: string
  readonly hosts: number
  readonly servers: number
}

/** The first host gets none of the servers: it is where a rebalance moves to. Guests of the others run. */
export async function simulatedFleet(fleet: SimulatedFleet): Promise<void> {
  const { state, hypervisors, hosts, servers } = fleet
  const store = openJsonStore({ directory: state, fs: systemFs, clock: systemClock })
  const authorship = { actor: 'bench', request: 'req-1', action: 'host.add' }
  await seedStore(store, systemClock)
  await store.transaction(authorship, async (tx) => {
    for (let index = 0; index < hosts; index++) {
      const name = `h${index}`
      const instancesPath = path.join(hypervisors, name)
      mkdirSync(instancesPath, { recursive: true })
      await tx.insert('hosts', aHost({ name, instancesPath, inventory: fakeInventory(name) }))
    }
  })
  for (let from = 0; from < servers; from += 500)
    await store.transaction({ ...authorship, action: 'server.create' }, async (tx) => {
      for (let index = from; index < Math.min(servers, from + 500); index++) {
        const id = systemRandom.uuid()
        const host = `h${1 + (index % (hosts - 1))}`
        const name = `web-${index}`
        await tx.insert('servers', aServer({ id, name, hostname: name, projectId: 'default', host, userId: 'bench' }))
        writeGuest(path.join(hypervisors, host), id, name)
      }
    })
  await store.compact({ force: true })
  await store.close()
  const settings = { maxInstancesPerHost: 100_000, maxIoOpsPerHost: 100_000, ramAllocationRatio: 1 }
  writeFileSync(path.join(state, 'settings.json'), JSON.stringify(settings))
}

function writeGuest(instancesPath: string, id: string, name: string): void {
  const spec = aGuest({ id, name, disks: [aDisk()] })
  const guest = { id, epoch: 0, powerState: 'running', spec, disks: ['root'], configDrive: false, rescued: false, log: '' }
  mkdirSync(path.join(instancesPath, id))
  writeFileSync(path.join(instancesPath, id, 'guest.json'), JSON.stringify(guest))
}
