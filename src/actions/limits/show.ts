import { object, slug, z } from '../../core/schema.ts'
import { limitOf, type QuotaResource } from '../../model/quota.ts'
import { defineAction, reading } from '../context.ts'
import { projectOf } from '../quota/project.ts'
import { heldBy } from '../quota/usage.ts'

/** Nova's names of the absolute limits. */
const names: readonly (readonly [string, QuotaResource])[] = [
  ['maxTotalInstances', 'instances'],
  ['maxTotalCores', 'cores'],
  ['maxTotalRAMSize', 'ram'],
  ['maxTotalKeypairs', 'key_pairs'],
  ['maxServerMeta', 'metadata_items'],
  ['maxImageMeta', 'metadata_items'],
  ['maxPersonality', 'injected_files'],
  ['maxPersonalitySize', 'injected_file_content_bytes'],
  ['maxServerGroups', 'server_groups'],
  ['maxServerGroupMembers', 'server_group_members'],
]

export const show = defineAction({
  name: 'limits.show',
  summary: 'show the absolute limits and what is used of them',
  effect: 'read',
  policy: 'reader',
  input: object({ project: slug(255).optional().describe('project; yours when left out') }),
  output: z.array(
    z.object({
      name: z.string(),
      maximum: z.int().describe('-1 is unlimited'),
      used: z.int().nullable().describe('null for limits of one request'),
    }),
  ),
  async run(input, context) {
    const projectId = projectOf(context, input.project)
    return reading(context, async (reader) => {
      const record = await reader.get('quotas', projectId)
      const held = await heldBy(reader, projectId, context.userId)
      return names.map(([name, resource]) => ({
        name,
        maximum: limitOf(record, resource),
        used: held.get(resource) ?? null,
      }))
    })
  },
})
