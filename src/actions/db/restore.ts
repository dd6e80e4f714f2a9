import { object, text, z } from '../../core/schema.ts'
import { defineAction } from '../context.ts'
import { restoreServer } from './restore-server.ts'
import { tableCounts, tableCountsOf } from './table-counts.ts'

export const restore = defineAction({
  name: 'db.restore',
  summary: 'put an archived server back among the deleted ones, with all that belongs to it',
  effect: 'write',
  policy: 'admin',
  input: object({ server: text(64).describe('id of the server; nova db archived lists them') }),
  output: z.strictObject({ id: z.string(), name: z.string(), tables: tableCounts }),
  async run({ server }, context) {
    const authorship = { actor: context.userId, request: context.requestId, action: 'db.restore' }
    const places = { store: context.store, archive: await context.archive(), planned: context.plan }
    const { name, counts } = await restoreServer(places, authorship, server)
    return { id: server, name, tables: tableCountsOf(counts) }
  },
})
