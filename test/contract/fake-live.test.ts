/** The fake hypervisor moves running guests as the real ones do. */
import { fakeDriver } from '../../src/drivers/fake/index.ts'
import { type ScriptedHost, scriptedHost } from '../../src/hosts/scripted.ts'
import { systemClock } from '../../src/system/clock.ts'
import { aGuest } from '../support/a-guest.ts'
import { type LiveDriver, liveContract } from './live-contract.ts'

const instancesPath = '/instances'

const driverOf = (host: ScriptedHost) => fakeDriver({ host, instancesPath, clock: systemClock, epoch: 1 }) as LiveDriver

/** What the fake keeps of disks is their names. */
async function disksOf(host: ScriptedHost, id: string): Promise<string> {
  const bytes = await host.readFile(`${instancesPath}/${id}/guest.json`)
  return bytes === undefined ? 'none' : JSON.stringify(JSON.parse(bytes.toString('utf8')).disks)
}

for (const shares of [false, true])
  liveContract(shares ? 'fake, with shared storage' : 'fake', async () => {
    const files = { [`${instancesPath}/.keep`]: '', ...(shares ? { [`${instancesPath}/.shared`]: 'pool-1' } : {}) }
    const hosts = { here: await scriptedHost({ name: 'here', files }), there: await scriptedHost({ name: 'there', files }) }
    return {
      here: () => driverOf(hosts.here),
      there: () => driverOf(hosts.there),
      place: { host: hosts.there, instancesPath },
      order: { storage: shares ? 'shared' : 'copy' },
      shares,
      guest: (id) => aGuest({ id }),
      makeDisks: async (spec) => driverOf(hosts.here).createDisks?.(spec),
      contents: (side, { id }) => disksOf(hosts[side], id),
      cleanup: async () => {},
    }
  })
