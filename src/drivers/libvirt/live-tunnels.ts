/** The sockets of a live move: each leads from the source host to the same thing on the destination. */
import type { Host } from '../../hosts/host.ts'
import type { LiveOrder } from '../driver.ts'
import { openTunnel, type Tunnel } from '../tunnel.ts'
import type { LiveFiles } from './live-files.ts'
import type { Sides } from './live-sides.ts'

/** The one daemon, and the one that took its place. */
const daemons = ['/run/libvirt/libvirt-sock', '/run/libvirt/virtqemud-sock'] as const

/** Where libvirt listens on that host. */
export const daemonSocket = async (host: Host): Promise<string> => ((await host.stat(daemons[0])) ? daemons[0] : daemons[1])

/** Sockets on the source of what the order needs: of libvirt's own talk, then those that qemu uses. */
export const nearSockets = ({ transport, storage }: LiveOrder, files: LiveFiles): [string, ...string[]] => {
  if (transport !== 'tunnel') return [files.control]
  return storage === 'copy' ? [files.control, files.memory, files.disks] : [files.control, files.memory]
}

/** Opens what the order needs; all of it closes together. */
export async function openTunnels(
  { here, there }: Sides,
  order: LiveOrder,
  files: LiveFiles,
  daemon: string,
): Promise<() => Promise<void>> {
  const open: Tunnel[] = []
  const close = async () => void (await Promise.all(open.map((tunnel) => tunnel.close())))
  const lead = async (near: string, far: string) => {
    open.push(await openTunnel({ host: here.host, socket: near }, { host: there.host, socket: far }))
  }
  const [control, ...carried] = nearSockets(order, files)
  try {
    const opened = [lead(control, daemon), ...carried.map((socket) => lead(socket, socket))]
    // All of them, so that none opens after the others were closed.
    for (const result of await Promise.allSettled(opened)) if (result.status === 'rejected') throw result.reason
  } catch (error) {
    await close()
    throw error
  }
  return close
}
