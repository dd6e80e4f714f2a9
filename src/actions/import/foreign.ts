/** Domains of a host that no record knows. */
import { Fault } from '../../core/fault.ts'
import { nearest } from '../../core/nearest.ts'
import type { ForeignDomain } from '../../drivers/driver.ts'
import type { HostRecord } from '../../model/host.ts'
import type { Server } from '../../model/server.ts'
import type { Reader } from '../../state/store.ts'
import type { Context } from '../context.ts'

/** Asks the host for every domain that its driver did not make; `unsupported` for a driver that makes all there is. */
export const foreignOn = ({ name }: Pick<HostRecord, 'name'>, context: Context): Promise<ForeignDomain[]> =>
  context.compute.call({
    host: name,
    method: 'foreignDomains',
    args: undefined,
    serverId: null,
    epoch: 0,
    signal: context.signal,
  })

/** The server that a domain of that id is by the records, or undefined. */
export async function serverOf(reader: Reader, domain: Pick<ForeignDomain, 'id'>): Promise<Server | undefined> {
  const server = await reader.get('servers', domain.id)
  return server?.deleted ? undefined : server
}

/** The one domain with that name or id; `not-found` names what is nearby. */
export function pickDomain(domains: readonly ForeignDomain[], wanted: string, host: string): ForeignDomain {
  const found = domains.find(({ id, name }) => id === wanted || name === wanted)
  if (found) return found
  const near = nearest(
    wanted,
    domains.map(({ name }) => name),
  )
  throw new Fault('not-found', `host ${host} has no domain with a name or id of "${wanted}" that nova did not make`, {
    hint: near.length > 0 ? `did you mean ${near.join(', ')}?` : `nova import list ${host}`,
  })
}
