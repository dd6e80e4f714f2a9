/** Names of everything a guest has on its host. Sockets are named without a directory where qemu makes them. */
import { type GuestDirectory, guestDirectory } from '../guest-directory.ts'
import type { QemuContext } from './context.ts'

export { isGuestId } from '../guest-directory.ts'

export interface GuestPaths extends GuestDirectory {
  /** Number of the process, written before qemu starts. */
  readonly pid: string
  /** qemu's own pid file, which it locks: a second process for the same guest does not start. */
  readonly lock: string
  readonly monitor: string
  readonly serial: string
  readonly agent: string
  /** Says that the guest's memory is saved in its root disk. */
  readonly suspended: string
}

/** Names of the sockets below the guest's directory: short, because the kernel's addresses are. */
export const socketNames = { monitor: 'qmp.sock', serial: 'serial.sock', agent: 'agent.sock' } as const

/** Fault `invalid` when the id could leave the instances directory. */
export function guestPaths(context: Pick<QemuContext, 'instancesPath'>, id: string): GuestPaths {
  const own = guestDirectory(context, id)
  const { directory } = own
  return {
    ...own,
    pid: `${directory}/qemu.pid`,
    lock: `${directory}/qemu.lock`,
    monitor: `${directory}/${socketNames.monitor}`,
    serial: `${directory}/${socketNames.serial}`,
    agent: `${directory}/${socketNames.agent}`,
    suspended: `${directory}/suspended`,
  }
}
