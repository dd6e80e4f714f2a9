/** The contract of live moves between two libvirt hosts that are reached by ssh alone. */
import { afterAll, beforeAll, describe } from 'vitest'
import { libvirtDriver } from '../../src/drivers/libvirt/index.ts'
import { liveContract } from '../contract/live-contract.ts'
import { libvirtPair, sharedPath } from '../support/libvirt-pair.ts'
import { livePair } from '../support/live-pair.ts'
import { type Rig, startRig } from '../support/rig/rig.ts'
import { rigObstacle } from '../support/rig/rig-obstacle.ts'
import { giveCertificates } from '../support/rig-certificates.ts'

const obstacle = rigObstacle('libvirt')

describe.skipIf(obstacle !== undefined)(`libvirt${obstacle === undefined ? '' : ` (skipped: ${obstacle})`}`, () => {
  let rig: Rig
  beforeAll(async () => {
    rig = await startRig(2, 'libvirt')
  })
  afterAll(() => rig?.down())

  for (const kind of ['copy', 'shared', 'tls', 'tcp'] as const)
    liveContract(`libvirt (${kind})`, async () => {
      const shares = kind === 'shared'
      if (kind === 'tls') await giveCertificates(rig)
      const pair = libvirtPair(rig, shares ? sharedPath : undefined)
      const order = {
        storage: shares ? ('shared' as const) : ('copy' as const),
        transport: kind === 'tls' || kind === 'tcp' ? kind : ('tunnel' as const),
      }
      const under = livePair(pair.contexts, { order, shares, make: libvirtDriver, address: pair.place.address })
      return {
        ...under,
        cleanup: async () => {
          await under.cleanup()
          await pair.close()
        },
      }
    })
})
