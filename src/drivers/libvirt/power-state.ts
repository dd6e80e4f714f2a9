/** The truth about guests, from libvirt; what is not ours is reported as such. */

import type { GuestState } from '../driver.ts'
import type { DriverContext } from '../driver-context.ts'
import { isGuestId } from '../guest-directory.ts'
import { guestOfDomain } from './domain-name.ts'
import { libvirtPaths } from './guest-paths.ts'
import { type Domain, lookAt, lookAtAll, powerStateOf } from './look.ts'

/** The guest's state, or undefined when the host has neither its directory nor its domain. */
export async function inspectGuest(context: DriverContext, id: string): Promise<GuestState | undefined> {
  const domain = await lookAt(context, id)
  // A domain of ours is named after its guest, whatever files there are.
  if (domain && isOurs(domain)) return stateOf(domain, true)
  const hasDirectory = (await context.host.stat(libvirtPaths(context, id).directory)) !== undefined
  if (domain) return stateOf(domain, hasDirectory)
  return hasDirectory ? undefinedState(id) : undefined
}

/** Every guest with a directory or a domain, and every domain that somebody else made. */
export async function listGuests(context: DriverContext): Promise<GuestState[]> {
  const { host, instancesPath } = context
  const domains = await lookAtAll(context)
  const directories = (await host.stat(instancesPath)) ? (await host.readdir(instancesPath)).filter(isGuestId) : []
  const own = new Set(directories)
  const known = new Set(domains.map(({ id }) => id))
  const states = [
    ...domains.map((domain) => stateOf(domain, own.has(domain.id))),
    ...directories.filter((id) => !known.has(id)).map(undefinedState),
  ]
  return states.sort((a, b) => (a.id < b.id ? -1 : 1))
}

const undefinedState = (id: string): GuestState => ({
  id,
  powerState: 'shutdown',
  detail: 'libvirt has no domain of it',
  hasFilesOnly: true,
})

const isOurs = ({ id, name }: Domain): boolean => guestOfDomain(name) === id

function stateOf(domain: Domain, hasDirectory: boolean): GuestState {
  const { id, name, state, reason, isSaved } = domain
  const saved = isSaved ? ', its memory is saved' : ''
  const detail = `domain ${name}, libvirt says ${state}.${reason}${saved}`
  const powerState = powerStateOf(domain)
  if (isOurs(domain)) return { id, powerState, detail }
  return hasDirectory ? { id, powerState, detail, isAdopted: true } : { id, powerState, detail, isForeign: true }
}
