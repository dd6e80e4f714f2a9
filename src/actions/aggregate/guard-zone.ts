/** A host is in one zone at most, and its zone may not change under servers that asked for it. */
import { Fault } from '../../core/fault.ts'
import { slug } from '../../core/schema.ts'
import { type Aggregate, zoneOfAggregate, zoneOfHost } from '../../model/placement.ts'
import type { Reader } from '../../state/store.ts'

/** Throws `invalid` when the metadata names a zone that nobody could ask for: `az:host` needs a plain word. */
export function refuseBadZone(aggregate: Pick<Aggregate, 'name' | 'metadata'>): void {
  const zone = zoneOfAggregate(aggregate)
  if (zone === null || slug(255).safeParse(zone).success) return
  throw new Fault(
    'invalid',
    `aggregate "${aggregate.name}" cannot be zone ${JSON.stringify(zone)}: a zone is a word of letters, digits, _ . -`,
  )
}

/** Throws `conflict` when an aggregate other than `aggregate` already puts `host` into another zone than `zone`. */
export function refuseSecondZone(host: string, zone: string | null, aggregate: Aggregate, all: readonly Aggregate[]): void {
  if (zone === null) return
  const other = all.find((one) => {
    const its = one.id !== aggregate.id && one.hosts.includes(host) ? zoneOfAggregate(one) : null
    return its !== null && its !== zone
  })
  if (!other) return
  throw new Fault(
    'conflict',
    `host ${host} is in zone ${zoneOfAggregate(other)} by aggregate "${other.name}", it cannot be in zone ${zone} by aggregate "${aggregate.name}" too`,
    { hint: `nova aggregate remove-host "${other.name}" ${host}` },
  )
}

/** Throws `conflict` when the change from `before` to `after` moves a host whose servers asked for the zone it is in. */
export async function refuseZoneChange(
  reader: Reader,
  hosts: readonly string[],
  before: readonly Aggregate[],
  after: readonly Aggregate[],
  defaultZone: string,
): Promise<void> {
  for (const host of hosts) {
    const [from, to] = [zoneOfHost(host, before) ?? defaultZone, zoneOfHost(host, after) ?? defaultZone]
    if (from === to) continue
    const servers = await reader.list('servers', { where: { host, deleted: false } })
    const bound = servers.filter((server) => server.availabilityZone !== null && server.availabilityZone !== to)
    if (bound.length === 0) continue
    const names = bound.slice(0, 5).map((server) => server.name)
    throw new Fault(
      'conflict',
      `host ${host} cannot leave zone ${from} for ${to}: ${bound.length} of its servers asked for their zone (${names.join(', ')}${bound.length > 5 ? ', …' : ''})`,
      { hint: 'delete or move those servers first' },
    )
  }
}
