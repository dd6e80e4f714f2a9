import { type Pairs, z } from '../core/schema.ts'

const pairsRecord = z.array(z.tuple([z.string(), z.string()]))

export const aggregateRecord = z.object({
  id: z.string(),
  generation: z.int(),
  name: z.string(),
  hosts: z.array(z.string()),
  /** Host aggregate metadata; `availability_zone` makes it a zone. */
  metadata: pairsRecord,
  createdAt: z.string(),
})
export type Aggregate = z.infer<typeof aggregateRecord>

/** The metadata key that makes an aggregate a zone. */
export const zoneKey = 'availability_zone'
const zoneIn = (metadata: Pairs) => metadata.find(([key]) => key === zoneKey)?.[1] ?? null

/** The zone that an aggregate is, or null. */
export const zoneOfAggregate = (aggregate: Pick<Aggregate, 'metadata'>) => zoneIn(aggregate.metadata)

/** The zone that a host is in, or null when none of its aggregates is a zone. */
export function zoneOfHost(host: string, aggregates: readonly Aggregate[]): string | null {
  return aggregates
    .filter((aggregate) => aggregate.hosts.includes(host))
    .reduce<string | null>((zone, aggregate) => zone ?? zoneOfAggregate(aggregate), null)
}

/** An aggregate as callers see it: metadata as an object. */
export const aggregateView = aggregateRecord.omit({ generation: true, metadata: true }).extend({
  availabilityZone: z.string().nullable(),
  metadata: z.unknown().describe('metadata as an object of text'),
})
export type AggregateView = z.infer<typeof aggregateView>

export function viewOfAggregate({ generation: _, metadata, ...rest }: Aggregate): AggregateView {
  return { ...rest, availabilityZone: zoneIn(metadata), metadata: Object.fromEntries(metadata) }
}

export const groupPolicies = ['affinity', 'anti-affinity', 'soft-affinity', 'soft-anti-affinity'] as const

export const serverGroupRecord = z.object({
  id: z.string(),
  generation: z.int(),
  projectId: z.string(),
  name: z.string(),
  policy: z.enum(groupPolicies),
  /** anti-affinity only: how many members one host may hold. */
  maxServerPerHost: z.int().nullable(),
  createdAt: z.string(),
})
export type ServerGroup = z.infer<typeof serverGroupRecord>

/** A server group as callers see it, with the ids of the servers in it. */
export const serverGroupView = serverGroupRecord.omit({ generation: true }).extend({ members: z.array(z.string()) })
export type ServerGroupView = z.infer<typeof serverGroupView>

export function viewOfServerGroup({ generation: _, ...rest }: ServerGroup, members: readonly string[]): ServerGroupView {
  return { ...rest, members: [...members] }
}
