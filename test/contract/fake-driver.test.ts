/** The fake hypervisor keeps the same contract as the real one. */
import { fakeDriver } from '../../src/drivers/fake/index.ts'
import { scriptedHost } from '../../src/hosts/scripted.ts'
import { systemClock } from '../../src/system/clock.ts'
import { aGuest, aGuestImage } from '../support/a-guest.ts'
import { driverContract } from './driver-contract.ts'

const instancesPath = '/instances'

driverContract('fake', async () => {
  const host = await scriptedHost({ files: { [`${instancesPath}/.keep`]: '', '/image': 'image' } })
  return {
    driver: () => fakeDriver({ host, instancesPath, clock: systemClock, epoch: 1 }),
    image: aGuestImage(),
    imageFile: '/image',
    guest: (id) => aGuest({ id }),
    cleanup: async () => {},
  }
})
