/** The fake hypervisor moves guests as the real one does. */
import type { Driver, Moves } from '../../src/drivers/driver.ts'
import { fakeDriver } from '../../src/drivers/fake/index.ts'
import { scriptedHost } from '../../src/hosts/scripted.ts'
import { systemClock } from '../../src/system/clock.ts'
import { aGuest } from '../support/a-guest.ts'
import { movesContract } from './moves-contract.ts'

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
