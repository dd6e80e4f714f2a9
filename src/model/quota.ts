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
