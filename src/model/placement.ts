import { z } from '../core/schema.ts'

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
