/** The fake hypervisor moves guests as the real one does. */
import type { Driver, LiveMoves, Moves } from '../../src/drivers/driver.ts'
import { fakeDriver } from '../../src/drivers/fake/index.ts'
import { scriptedHost } from '../../src/hosts/scripted.ts'
import { systemClock } from '../../src/system/clock.ts'
import { aGuest } from '../support/a-guest.ts'
import { movesContract, sharedMovesContract } from './moves-contract.ts'

const instancesPath = '/instances'

movesContract('fake', async () => {
  const host = await scriptedHost({ files: { [`${instancesPath}/.keep`]: '' } })
  return {
    driver: () => fakeDriver({ host, instancesPath, clock: systemClock, epoch: 1 }) as Driver & Moves,
    place: { host, instancesPath },
    guest: (id) => aGuest({ id }),
    cleanup: async () => {},
  }
})

sharedMovesContract('fake', async () => {
  const files = { [`${instancesPath}/.shared`]: 'pool-1' }
  const hosts = [await scriptedHost({ name: 'here', files }), await scriptedHost({ name: 'there', files })] as const
  const driverOf = (host: (typeof hosts)[number]) =>
    fakeDriver({ host, instancesPath, clock: systemClock, epoch: 1 }) as Driver & Moves & LiveMoves
  return {
    here: () => driverOf(hosts[0]),
    there: () => driverOf(hosts[1]),
    place: { host: hosts[1], instancesPath },
    guest: (id) => aGuest({ id }),
    cleanup: async () => {},
  }
})
