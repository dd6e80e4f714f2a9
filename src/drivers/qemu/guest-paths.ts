/** Names of everything a guest has on its host. Sockets are named without a directory where qemu makes them. */
import { Fault } from '../../core/fault.ts'
import type { QemuContext } from './context.ts'

export interface GuestPaths {
  readonly directory: string
  readonly record: string
  /** Number of the process, written before qemu starts. */
  readonly pid: string
  /** qemu's own pid file, which it locks: a second process for the same guest does not start. */
  readonly lock: string
  readonly monitor: string
  readonly serial: string
  readonly agent: string
  readonly log: string
  readonly oldLog: string
  /** Says that the guest's memory is saved in its root disk. */
  readonly suspended: string
  /** Images by digest. */
  readonly cache: string
}

/** Names of the sockets below the guest's directory: short, because the kernel's addresses are. */
export const socketNames = { monitor: 'qmp.sock', serial: 'serial.sock', agent: 'agent.sock' } as const

/** Fault `invalid` when the id could leave the instances directory. */
export function guestPaths({ instancesPath }: Pick<QemuContext, 'instancesPath'>, id: string): GuestPaths {
  if (!isGuestId(id)) throw new Fault('invalid', `guest id ${JSON.stringify(id.slice(0, 64))} is not a UUID`)
  const directory = `${instancesPath}/${id}`
  return {
    directory,
    record: `${directory}/guest.json`,
    pid: `${directory}/qemu.pid`,
    lock: `${directory}/qemu.lock`,
    monitor: `${directory}/${socketNames.monitor}`,
    serial: `${directory}/${socketNames.serial}`,
    agent: `${directory}/${socketNames.agent}`,
    log: `${directory}/console.log`,
    oldLog: `${directory}/console.log.1`,
    suspended: `${directory}/suspended`,
    cache: `${instancesPath}/_base`,
  }
}

/** Whether a name in the instances directory is a guest's. */
export const isGuestId = (name: string): boolean => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(name)
