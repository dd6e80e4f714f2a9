import { z } from '../core/schema.ts'

/** Nova's defaults; -1 is unlimited. */
export const quotaDefaults = {
  instances: 10,
  cores: 20,
  ram: 51200,
  metadata_items: 128,
  injected_files: 5,
  injected_file_content_bytes: 10240,
  injected_file_path_bytes: 255,
  key_pairs: 100,
  server_groups: 10,
  server_group_members: 10,
} as const
export type QuotaResource = keyof typeof quotaDefaults
export const quotaResources = Object.keys(quotaDefaults) as QuotaResource[]

export const quotaRecord = z.object({
  /** The project. */
  id: z.string(),
  generation: z.int(),
  limits: z.array(z.tuple([z.string(), z.int()])),
})
export type QuotaRecord = z.infer<typeof quotaRecord>

/** The limit that a project has: its own, or the default; -1 is unlimited. */
export const limitOf = (record: Pick<QuotaRecord, 'limits'> | undefined, resource: QuotaResource): number =>
  record?.limits.find(([name]) => name === resource)?.[1] ?? quotaDefaults[resource]

/** One line of a project's quota. */
export const quotaView = z.object({
  projectId: z.string(),
  resource: z.string(),
  limit: z.int().describe('-1 is unlimited'),
  used: z.int().nullable().describe('null for limits of one request'),
})
