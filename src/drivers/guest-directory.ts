/** What a guest has on its host whatever runs it: a directory named by its id, and the cache of images beside it. */
import { Fault } from '../core/fault.ts'
import type { DriverContext } from './driver-context.ts'

export interface GuestDirectory {
  readonly directory: string
  readonly record: string
  readonly log: string
  readonly oldLog: string
  /** Images by digest. */
  readonly cache: string
}

/** Fault `invalid` when the id could leave the instances directory. */
export function guestDirectory({ instancesPath }: Pick<DriverContext, 'instancesPath'>, id: string): GuestDirectory {
  if (!isGuestId(id)) throw new Fault('invalid', `guest id ${JSON.stringify(id.slice(0, 64))} is not a UUID`)
  const directory = `${instancesPath}/${id}`
  return {
    directory,
    record: `${directory}/guest.json`,
    log: `${directory}/console.log`,
    oldLog: `${directory}/console.log.1`,
    cache: `${instancesPath}/_base`,
  }
}

/** Whether a name in the instances directory is a guest's. */
export const isGuestId = (name: string): boolean => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(name)
