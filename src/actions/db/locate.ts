import { Fault } from '../../core/fault.ts'
import { object, text, z } from '../../core/schema.ts'
import { defineAction } from '../context.ts'

export const locate = defineAction({
  name: 'db.locate',
  summary: 'say whether the records of a server are live, deleted or archived',
  effect: 'read',
  policy: 'admin',
  input: object({ server: text(64).describe('id of the server') }),
  output: z.strictObject({
    id: z.string(),
    name: z.string(),
    where: z.enum(['live', 'deleted', 'archived']),
    host: z.string().nullable(),
  }),
  async run({ server: id }, context) {
    const server = await context.store.read((reader) => reader.get('servers', id))
    if (server) return { id, name: server.name, where: server.deleted ? 'deleted' : 'live', host: server.host } as const
    const tree = await (await context.archive()).get(id)
    if (tree) return { id, name: tree.name, where: 'archived', host: null } as const
    throw new Fault('not-found', `no server has the id ${id}, not even an archived one`, { hint: 'nova list --deleted' })
  },
})
