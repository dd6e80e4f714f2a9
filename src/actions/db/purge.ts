import { Fault } from '../../core/fault.ts'
import { object, text, z } from '../../core/schema.ts'
import { iso } from '../../core/time.ts'
import { parseIsoTime } from '../../state/iso-time.ts'
import { defineAction } from '../context.ts'
import { countOf } from '../count-of.ts'
import { settle } from './archive-servers.ts'
import { purgedHistory } from './purge-history.ts'
import { announceCounts, tableCounts, tableCountsOf } from './table-counts.ts'

const historyKept = 'the history of revisions keeps what was purged: nova db purge-history'

export const purge = defineAction({
  name: 'db.purge',
  summary: 'remove archived servers for ever',
  effect: 'destroy',
  policy: 'admin',
  input: object({
    before: text(40).optional().describe('what was deleted before this time, for example 2026-01-31'),
    all: z.boolean().default(false).describe('everything that is archived'),
    history: z.boolean().default(false).describe('the revisions before that time too, whatever they changed'),
  }),
  output: z.strictObject({ servers: z.int(), records: z.int(), tables: tableCounts, history: z.string() }),
  async run({ before, all, history }, context) {
    if ((before === undefined) === !all)
      throw new Fault('invalid', 'either before or all is required', { hint: 'nova db purge --before 2026-01-31, or --all' })
    const until = before === undefined ? undefined : iso(parseIsoTime(before))
    const archive = await context.archive()
    const purged = context.plan
      ? await archive.purge(until, true)
      : await archive.alone(async () => {
          await settle(context.store, archive)
          return archive.purge(until, false)
        })
    const tables = tableCountsOf(purged.counts)
    announceCounts(context, 'purge', tables)
    const records = tables.reduce((sum, one) => sum + one.records, 0)
    const counts = { servers: purged.servers, records, tables }
    if (!history) return { ...counts, history: historyKept }
    const { revisions } = await purgedHistory(context, until ?? iso(context.clock.wall()))
    return { ...counts, history: `${countOf(revisions, 'revision')} of the history` }
  },
})
