/** Live moves of real qemu processes between two directories of this machine; one path is as bad as a path may be. */
import { liveContract } from '../contract/live-contract.ts'
import { livePair } from '../support/live-pair.ts'
import { qemuHost } from '../support/qemu-host.ts'

liveContract('qemu', async () => {
  const [here, there] = [qemuHost(`a,b=c ${'long'.repeat(30)}`), qemuHost()]
  const pair = livePair({ here: here.context, there: there.context })
  return {
    ...pair,
    cleanup: async () => {
      await pair.cleanup()
      await Promise.all([here.cleanup(), there.cleanup()])
    },
  }
})
