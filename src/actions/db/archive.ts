import { count, number, object, text, z } from '../../core/schema.ts'
import { iso } from '../../core/time.ts'
import { parseIsoTime } from '../../state/iso-time.ts'
import { defineAction } from '../context.ts'
import { archiveServers } from './archive-servers.ts'
import { announceCounts, tableCounts, tableCountsOf } from './table-counts.ts'

const mostRecords = 2 ** 31 - 1
const dayMs = 86_400_000

export const archive = defineAction({
  name: 'db.archive',
  summary: 'move deleted servers with all that belongs to them into the archive, oldest first',
  effect: 'write',
  policy: 'admin',
  input: object({
    before: text(40).optional().describe('only what was deleted before this time, for example 2026-01-31'),
    olderThanDays: count(1, 36_500).optional().describe('only what was deleted longer ago than that'),
    maxRows: count(1, mostRecords).optional().describe('records to move at most, in whole servers; all when left out'),
    sleep: number(0, 86_400).default(0).describe('seconds to rest after each 2,000 records'),
  }),
  output: z.strictObject({
    servers: z.int(),
    records: z.int(),
    tables: tableCounts,
    busy: z.int().describe('deleted servers that something still works on; the next run takes them'),
    isComplete: z.boolean().describe('false when it stopped before the last deleted server'),
  }),
  async run({ before, olderThanDays, maxRows = mostRecords, sleep }, context) {
    let done = 0
    const { counts, ...rest } = await archiveServers({
      store: context.store,
      archive: await context.archive(),
      clock: context.clock,
      authorship: { actor: context.userId, request: context.requestId, action: 'db.archive' },
      signal: context.signal,
      before: earliest(before, olderThanDays, context.clock.wall()),
      mostRecords: maxRows,
      restMs: sleep * 1000,
      planned: context.plan,
      onBatch: (records) => {
        done += records
        context.progress({ type: 'bytes', what: 'records', done, total: undefined })
      },
    })
    const tables = tableCountsOf(counts)
    announceCounts(context, 'archive', tables)
    return { ...rest, records: tables.reduce((sum, { records }) => sum + records, 0), tables }
  },
})

/** The earlier of the two times that were asked for. */
export function earliest(before: string | undefined, days: number | undefined, now: number): string | undefined {
  const times = [...(before === undefined ? [] : [parseIsoTime(before)]), ...(days === undefined ? [] : [now - days * dayMs])]
  return times.length === 0 ? undefined : iso(Math.min(...times))
}
