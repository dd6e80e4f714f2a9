/** Numbers of records by table, as every answer about the archive has them. */
import { z } from '../../core/schema.ts'
import type { Context } from '../context.ts'
import { countOf } from '../count-of.ts'

export const tableCounts = z.array(z.strictObject({ table: z.string(), records: z.int() }))

export const tableCountsOf = (counts: Iterable<readonly [string, number]>) =>
  [...counts].map(([table, records]) => ({ table, records })).sort((one, other) => (one.table < other.table ? -1 : 1))

/** Tells in a plan what would happen to how many records. */
export function announceCounts(context: Context, flow: string, counts: z.infer<typeof tableCounts>): void {
  if (!context.plan) return
  const commands = counts.map(({ table, records }) => `${countOf(records, 'record')} of ${table}`)
  context.progress({ type: 'step', flow, step: commands.length === 0 ? 'nothing' : 'records', status: 'done', commands })
}
