import { object, reference, z } from '../../core/schema.ts'
import { foreignDisk } from '../../model/adopted.ts'
import { nicRecord } from '../../model/server.ts'
import { defineAction, reading } from '../context.ts'
import { find } from '../find.ts'
import { foreignOn, serverOf } from './foreign.ts'

const row = z.object({
  name: z.string(),
  id: z.string(),
  powerState: z.string(),
  vcpus: z.number(),
  ram: z.number(),
  disks: z.array(foreignDisk),
  nics: z.array(nicRecord.omit({ sshPort: true })),
  adoptable: z.boolean(),
  obstacles: z.array(z.string()).describe('why it could not be adopted'),
})

export const list = defineAction({
  name: 'import.list',
  summary: 'list the domains of a host that no record knows, and whether they could be adopted',
  effect: 'read',
  policy: 'admin',
  input: object({
    host: reference().describe('name or id of the host'),
    list: z.boolean().default(true).describe('list them, which is what it does'),
  }),
  output: z.array(row),
  async run(input, context) {
    const host = await reading(context, (reader) => find(reader, 'hosts', input.host, context))
    const domains = await foreignOn(host, context)
    return reading(context, async (reader) => {
      const rows: z.infer<typeof row>[] = []
      for (const { nics, disks, ...domain } of domains) {
        const server = await serverOf(reader, domain)
        if (server?.host === host.name) continue
        const elsewhere = server ? [`server ${server.name} on host ${server.host ?? '(none)'} has its id`] : []
        const obstacles = [...domain.obstacles, ...elsewhere]
        const shownNics = nics.map(({ sshPort: _, ...nic }) => nic)
        rows.push({ ...domain, disks: [...disks], nics: shownNics, adoptable: obstacles.length === 0, obstacles })
      }
      return rows
    })
  },
})
