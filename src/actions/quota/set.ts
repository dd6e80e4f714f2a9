import { Fault } from '../../core/fault.ts'
import { count, object, slug, z } from '../../core/schema.ts'
import { limitOf, type QuotaResource, quotaResources, quotaView } from '../../model/quota.ts'
import { defineAction, writing } from '../context.ts'
import { heldBy } from './usage.ts'

const limit = (what: string) =>
  count(-1, 2 ** 31 - 1)
    .optional()
    .describe(`${what}; -1 is unlimited`)

const limits = {
  instances: limit('servers'),
  cores: limit('virtual processors of all servers'),
  ram: limit('memory of all servers in MB'),
  metadataItems: limit('metadata pairs of one server'),
  injectedFiles: limit('files given to one server'),
  injectedFileContentBytes: limit('bytes of one given file'),
  injectedFilePathBytes: limit('bytes of the path of one given file'),
  keyPairs: limit('key pairs of one user'),
  serverGroups: limit('server groups'),
  serverGroupMembers: limit('servers of one group'),
}

const fields: Record<QuotaResource, keyof typeof limits> = {
  instances: 'instances',
  cores: 'cores',
  ram: 'ram',
  metadata_items: 'metadataItems',
  injected_files: 'injectedFiles',
  injected_file_content_bytes: 'injectedFileContentBytes',
  injected_file_path_bytes: 'injectedFilePathBytes',
  key_pairs: 'keyPairs',
  server_groups: 'serverGroups',
  server_group_members: 'serverGroupMembers',
}

export const set = defineAction({
  name: 'quota.set',
  summary: "change a project's limits",
  effect: 'write',
  policy: 'admin',
  input: object({
    project: slug(255).optional().describe('project; yours when left out'),
    ...limits,
    force: z.boolean().default(false).describe('also below what is in use'),
  }),
  output: z.array(quotaView),
  async run(input, context) {
    const projectId = input.project ?? context.projectId
    const wanted = new Map(quotaResources.map((resource) => [resource, input[fields[resource]]]))
    return writing(context, 'quota.set', async (tx) => {
      const held = await heldBy(tx, projectId, context.userId)
      if (!input.force) refuseBelowUse(wanted, held, projectId)
      const stored = await tx.get('quotas', projectId)
      const given = [...wanted].flatMap(([resource, value]): [string, number][] =>
        value === undefined ? [] : [[resource, value]],
      )
      const record = { id: projectId, limits: [...new Map([...(stored?.limits ?? []), ...given])] }
      if (given.length > 0) await (stored ? tx.update('quotas', { ...stored, ...record }) : tx.insert('quotas', record))
      return quotaResources.map((resource) => ({
        projectId,
        resource,
        limit: limitOf(record, resource),
        used: held.get(resource) ?? null,
      }))
    })
  },
})

type Wanted = ReadonlyMap<QuotaResource, number | undefined>

/** Throws `conflict` when a limit would become lower than what is held. */
export function refuseBelowUse(wanted: Wanted, held: ReadonlyMap<QuotaResource, number>, projectId: string) {
  for (const [resource, value] of wanted) {
    const used = held.get(resource) ?? 0
    if (value === undefined || value < 0 || value >= used) continue
    throw new Fault('conflict', `project ${projectId} uses ${used} ${resource}, the limit cannot become ${value}`, {
      hint: 'free some of it, or add --force: nothing is taken away, but nothing can be added',
    })
  }
}
