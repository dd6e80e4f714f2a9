/** Names of our guests in libvirt: unique on every host, and never those of somebody else's. */
import { isGuestId } from '../guest-directory.ts'

const prefix = 'nova-'

export const domainName = (id: string): string => `${prefix}${id}`

/** The guest that a domain of that name is, or undefined when the domain is not ours. */
export function guestOfDomain(name: string): string | undefined {
  const id = name.startsWith(prefix) ? name.slice(prefix.length) : ''
  return isGuestId(id) ? id : undefined
}
