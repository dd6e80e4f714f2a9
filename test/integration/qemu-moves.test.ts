/** Moves of real qemu processes; the instances path is as bad as a path may be. */
import { movesContract } from '../contract/moves-contract.ts'
import { aDisk, aGuest } from '../support/a-guest.ts'
import { qemuHost } from '../support/qemu-host.ts'

movesContract('qemu', async () => {
  const { driver, host, instancesPath, cleanup } = qemuHost(`a,b=c ${'long'.repeat(30)}`)
  const guest = (id: string) => aGuest({ id, disks: [aDisk(), aDisk({ role: 'swap' })] })
  return { driver, place: { host, instancesPath }, guest, cleanup }
})
