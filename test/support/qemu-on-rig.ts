/** A host of a rig as the qemu driver sees it: a connection of its own, as another process would have. */
import type { QemuContext } from '../../src/drivers/qemu/context.ts'
import { systemRandom } from '../../src/system/random.ts'
import { realTime } from './host-directory.ts'
import type { Rig } from './rig/rig.ts'
import { rigSshHost } from './rig/rig-ssh.ts'

export function qemuOnRig(rig: Rig, number: number, instancesPath = rig.host(number).instancesPath): QemuContext {
  const host = rigSshHost(rig, rig.host(number))
  return { host, instancesPath, clock: realTime, random: systemRandom, virtType: 'qemu' }
}
