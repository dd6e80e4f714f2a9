/** Two real hosts reached by ssh that see one directory: moves of qemu guests between them copy no disk over the wire. */
import { afterAll, beforeAll, describe } from 'vitest'
import { qemuDriver } from '../../src/drivers/qemu/index.ts'
import { liveContract } from '../contract/live-contract.ts'
import { sharedMovesContract } from '../contract/moves-contract.ts'
import { aDisk, aGuest } from '../support/a-guest.ts'
import { sharedPath } from '../support/libvirt-pair.ts'
import { livePair } from '../support/live-pair.ts'
import { qemuOnRig } from '../support/qemu-on-rig.ts'
import { type Rig, startRig } from '../support/rig/rig.ts'
import { rigObstacle } from '../support/rig/rig-obstacle.ts'

const obstacle = rigObstacle()

describe.skipIf(obstacle !== undefined)(`in one directory${obstacle === undefined ? '' : ` (skipped: ${obstacle})`}`, () => {
  let rig: Rig
  beforeAll(async () => {
    rig = await startRig(2)
  })
  afterAll(() => rig?.down())
  const onBoth = () => {
    const contexts = { here: qemuOnRig(rig, 1, sharedPath), there: qemuOnRig(rig, 2, sharedPath) }
    const close = async () => {
      for (const { host } of Object.values(contexts)) await host.close()
    }
    return { contexts, close }
  }

  for (const transport of ['tunnel', 'tls'] as const)
    liveContract(
      `qemu by ${transport}`,
      async () => {
        const { contexts, close } = onBoth()
        const order = { transport, storage: 'shared' as const }
        const pair = livePair(contexts, { order, address: rig.host(2).address, shares: true })
        return { ...pair, cleanup: () => pair.cleanup().then(close) }
      },
      300_000,
    )

  sharedMovesContract('qemu', async () => {
    const { contexts, close } = onBoth()
    const { host, instancesPath } = contexts.there
    return {
      here: () => qemuDriver(contexts.here),
      there: () => qemuDriver(contexts.there),
      place: { host, instancesPath },
      guest: (id) => aGuest({ id, disks: [aDisk(), aDisk({ role: 'swap' })] }),
      cleanup: close,
    }
  })
})
