/** A guest that was put aside while its move can still be taken back: its directory has a name that no list takes for a guest. */
import { Fault } from '../core/fault.ts'
import type { DriverContext } from './driver-context.ts'
import { type GuestDirectory, guestDirectory } from './guest-directory.ts'

/** Name of the directory of a guest that was put aside. */
export const asideName = (id: string): string => `${id}_resize`

/** The guest's paths while it is aside. */
export function asidePaths(context: Pick<DriverContext, 'instancesPath'>, id: string): GuestDirectory {
  const own = guestDirectory(context, id)
  const directory = `${context.instancesPath}/${asideName(id)}`
  return {
    directory,
    record: `${directory}/guest.json`,
    log: `${directory}/console.log`,
    oldLog: `${directory}/console.log.1`,
    cache: own.cache,
  }
}

/** Whether the guest was put aside. */
export const isAside = async (context: DriverContext, id: string): Promise<boolean> =>
  (await context.host.stat(asidePaths(context, id).directory)) !== undefined

/** Renames the stopped guest's directory; nothing happens when that was done. */
export async function putAside(context: DriverContext, id: string): Promise<void> {
  if (await isAside(context, id)) return
  const { directory } = guestDirectory(context, id)
  if (!(await context.host.stat(directory)))
    throw new Fault('not-found', `host ${context.host.name} has no guest in ${directory}`)
  await context.host.rename(directory, asidePaths(context, id).directory)
}

/** Renames it back over what has the guest's name by now; that must not run. */
export async function putBack(context: DriverContext, id: string): Promise<void> {
  if (!(await isAside(context, id))) return
  const { directory } = guestDirectory(context, id)
  await context.host.remove(directory)
  await context.host.rename(asidePaths(context, id).directory, directory)
}
