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

/**
 * Ends libvirtd, without its guests, and starts it again. This process goes on meanwhile, for the tunnels of a move run through it.
 * If they stood still, libvirtd would give the move 30 s and then exit with a command to qemu unanswered, the `blockdev-del` of a
 * disk whose way is dead. qemu gives that answer to the next connection; libvirt compares no ids, so its successor is one answer
 * behind and kills the guest: `unexpected type returned by QEMU command 'query-migrate-capabilities'`, shut off for `daemon`.
 */
export async function restartLibvirtd(rig: Rig, number: number): Promise<void> {
  const host = rig.host(number)
  await host.entering(
    'sh',
    '-c',
    'pid=$(cat /run/libvirtd.pid); kill "$pid"; while kill -0 "$pid" 2>/dev/null; do sleep 0.1; done',
  )
  await host.entering('libvirtd', '-d', '--listen')
  await eventually('libvirtd', async () => host.entering('virsh', '-q', '-c', 'qemu:///system', 'version').catch(() => undefined))
}
