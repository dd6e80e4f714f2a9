/** Two libvirt hosts of a rig as drivers see them. */
import type { DriverContext } from '../../src/drivers/driver-context.ts'
import { libvirtDriver } from '../../src/drivers/libvirt/index.ts'
import { systemRandom } from '../../src/system/random.ts'
import { eventually } from './eventually.ts'
import { realTime } from './host-directory.ts'
import type { Rig } from './rig/rig.ts'
import { rigSshHost } from './rig/rig-ssh.ts'

/** A directory that both hosts see. */
export const sharedPath = '/var/lib/nova-shared/instances'

/** Connections of their own, as another process would have. */
export function libvirtPair(rig: Rig, instancesPath = rig.host(1).instancesPath) {
  const contextOf = (number: number): DriverContext => ({
    host: rigSshHost(rig, rig.host(number)),
    instancesPath,
    clock: realTime,
    random: systemRandom,
    virtType: 'qemu',
  })
  const contexts = { here: contextOf(1), there: contextOf(2) }
  const { host } = contexts.there
  return {
    contexts,
    here: () => libvirtDriver(contexts.here),
    there: () => libvirtDriver(contexts.there),
    place: { host, instancesPath, address: rig.host(2).address },
    virsh: (number: number, ...words: string[]) =>
      rig.host(number).enter('env', 'LC_ALL=C', 'virsh', '-q', '-c', 'qemu:///system', ...words),
    close: async () => void (await Promise.all([contexts.here.host.close(), contexts.there.host.close()])),
  }
}

/** Ends libvirtd, without its guests, and starts it again. */
export async function restartLibvirtd(rig: Rig, number: number): Promise<void> {
  const host = rig.host(number)
  host.enter('sh', '-c', 'pid=$(cat /run/libvirtd.pid); kill "$pid"; while kill -0 "$pid" 2>/dev/null; do :; done')
  host.enter('libvirtd', '-d', '--listen')
  await eventually('libvirtd', async () => host.enter('virsh', '-q', '-c', 'qemu:///system', 'version'))
}
