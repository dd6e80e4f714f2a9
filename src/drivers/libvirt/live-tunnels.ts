/** The sockets of a live move: each leads from the source host to the same thing on the destination. */
import type { LiveOrder } from '../driver.ts'
import { openTunnel, type Tunnel } from '../tunnel.ts'
import type { LiveFiles } from './live-files.ts'
import type { Sides } from './live-sides.ts'

/** The one daemon, and the one that took its place. */
const daemons = ['/run/libvirt/libvirt-sock', '/run/libvirt/virtqemud-sock'] as const

/** Opens what the order needs; all of it closes together. */
export async function openTunnels({ here, there }: Sides, order: LiveOrder, files: LiveFiles): Promise<() => Promise<void>> {
  const daemon = (await there.host.stat(daemons[0])) ? daemons[0] : daemons[1]
  const open: Tunnel[] = []
  const close = async () => void (await Promise.all(open.map((tunnel) => tunnel.close())))
  const lead = async (near: string, far: string) => {
    open.push(await openTunnel({ host: here.host, socket: near }, { host: there.host, socket: far }))
    // Where sshd listens as a user without privileges, the socket lies in that user's own directory, which qemu must pass.
    await here.host.run(['sh', '-c', 'chmod 0711 -- "$(dirname -- "$(readlink -f -- "$1")")"', 'sh', near])
  }
  try {
    await lead(files.control, daemon)
    if (order.transport === 'tunnel') await lead(files.memory, files.memory)
    if (order.transport === 'tunnel' && order.storage === 'copy') await lead(files.disks, files.disks)
  } catch (error) {
    await close()
    throw error
  }
  return close
}
