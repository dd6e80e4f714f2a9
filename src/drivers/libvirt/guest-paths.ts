/** Names of everything a guest has on its host; sockets are ours, so that consoles are found without asking libvirt. */
import { Fault } from '../../core/fault.ts'
import type { DriverContext } from '../driver-context.ts'
import { type GuestDirectory, guestDirectory } from '../guest-directory.ts'

export interface LibvirtPaths extends GuestDirectory {
  /** The definition as it was last given to libvirt. */
  readonly domain: string
  readonly serial: string
}

/** The file's name below the guest's directory. */
export const domainFile = 'domain.xml'
/** Bytes that the address of a unix socket has room for. */
const longestSocket = 107

/** Fault `invalid` for an id that could leave the instances directory, and for one too long for sockets. */
export function libvirtPaths(context: Pick<DriverContext, 'instancesPath'>, id: string): LibvirtPaths {
  const own = guestDirectory(context, id)
  const serial = `${own.directory}/serial.sock`
  const bytes = Buffer.byteLength(serial)
  if (bytes > longestSocket) {
    throw new Fault('invalid', `socket ${serial} has ${bytes} bytes, the kernel takes ${longestSocket}`, {
      hint: 'add the host with a shorter instances path',
    })
  }
  // libvirt's log daemon numbers the logs that it puts aside from 0.
  return { ...own, oldLog: `${own.directory}/console.log.0`, domain: `${own.directory}/${domainFile}`, serial }
}
