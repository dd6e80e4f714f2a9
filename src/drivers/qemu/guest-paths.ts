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

/** Names below the guest's directory: those of sockets are short, because the kernel's addresses are. */
const ofProcess = (directory: string, named: (name: string) => string) => ({
  pid: `${directory}/${named('qemu.pid')}`,
  lock: `${directory}/${named('qemu.lock')}`,
  monitor: `${directory}/${named('qmp.sock')}`,
  serial: `${directory}/${named('serial.sock')}`,
  agent: `${directory}/${named('agent.sock')}`,
})

/** Fault `invalid` when the id could leave the instances directory. */
export function guestPaths(context: Pick<QemuContext, 'instancesPath'>, id: string): GuestPaths {
  const own = guestDirectory(context, id)
  return plainPaths({ ...own, suspended: `${own.directory}/suspended` })
}

/** Those of a process that was booted on its host. */
export const plainPaths = <T extends GuestDirectory>(paths: T) => ({
  ...paths,
  ...ofProcess(paths.directory, (name) => name),
})

/**
 * Those of a process that came from another host which sees the same directory: both live side by side for a moment, and the
 * one that ends removes its sockets by their names. So no other host ever uses these.
 */
export const pathsOnHost = (paths: GuestPaths, host: string): GuestPaths => ({
  ...paths,
  ...ofProcess(paths.directory, (name) => name.replace('.', () => `.${host}.`)),
})

/** A file's name below the guest's directory, where qemu works. */
export const nameBelow = ({ directory }: GuestPaths, path: string): string => path.slice(directory.length + 1)
