import { object, z } from '../../core/schema.ts'
import { type Context, defineAction } from '../context.ts'
import { lostReferences } from './lost-references.ts'

const problem = z.strictObject({ object: z.string(), message: z.string() })

export const check = defineAction({
  name: 'db.check',
  summary: 'check the journal, the references between records, and the archive',
  effect: 'read',
  policy: 'admin',
  input: object({}),
  output: z.strictObject({
    revision: z.int(),
    records: z.int().describe('records that were looked at'),
    archived: z.int().describe('servers in the archive'),
    problems: z.array(problem),
  }),
  async run(_, context) {
    const journal = (await context.verifyJournal()).problems.map(({ file, message }) => ({ object: file, message }))
    const { archived, problems: inArchive } = await checkArchive(context)
    const { revision, records, problems } = await context.store.read((reader) => lostReferences(reader, archived))
    return { revision, records, archived: archived.size, problems: [...journal, ...problems, ...inArchive] }
  },
})

/** Reads every index; and the records of what an archiver that died may have left in two places. */
async function checkArchive(context: Context): Promise<{ archived: Set<string>; problems: z.infer<typeof problem>[] }> {
  const archive = await context.archive()
  const archived = new Set<string>()
  for await (const { serverId } of archive.entries()) archived.add(serverId)
  const open = archived.size === 0 ? [] : await archive.unsettled()
  return {
    archived,
    problems:
      open.length === 0 ? [] : [{ object: archive.place, message: `${open.length} servers are unsettled: archive again` }],
  }
}
