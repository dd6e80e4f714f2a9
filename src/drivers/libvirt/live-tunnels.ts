/** The sockets of a live move: each leads from the source host to the same thing on the destination. */
import type { LiveOrder } from '../driver.ts'
import { openTunnel, type Tunnel } from '../tunnel.ts'
import type { LiveFiles } from './live-files.ts'
import type { Sides } from './live-sides.ts'

/** The one daemon, and the one that took its place. */
const daemons = ['/run/libvirt/libvirt-sock', '/run/libvirt/virtqemud-sock'] as const

/** Where sshd listens as a user without privileges, its sockets lie in directories of that user, which qemu must pass. */
const passable = 'for path; do chmod 0711 -- "$(dirname -- "$(readlink -f -- "$path")")"; done'

/** Opens what the order needs; all of it closes together. */
export async function openTunnels({ here, there }: Sides, order: LiveOrder, files: LiveFiles): Promise<() => Promise<void>> {
  const daemon = (await there.host.stat(daemons[0])) ? daemons[0] : daemons[1]
  const open: Tunnel[] = []
  const close = async () => void (await Promise.all(open.map((tunnel) => tunnel.close())))
  const lead = async (near: string, far: string) => {
    open.push(await openTunnel({ host: here.host, socket: near }, { host: there.host, socket: far }))
  }
  const carried = order.transport !== 'tunnel' ? [] : order.storage === 'copy' ? [files.memory, files.disks] : [files.memory]
  try {
    const opened = [lead(files.control, daemon), ...carried.map((socket) => lead(socket, socket))]
    // All of them, so that none opens after the others were closed.
    for (const result of await Promise.allSettled(opened)) if (result.status === 'rejected') throw result.reason
    await here.host.run(['sh', '-c', passable, 'sh', files.control, ...carried])
  } catch (error) {
    await close()
    throw error
  }
  return close
}
