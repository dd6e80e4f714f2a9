import { Fault } from '../../core/fault.ts'
import { count, object, text, z } from '../../core/schema.ts'
import { storeNow } from '../../state/store-now.ts'
import { type Context, defineAction } from '../context.ts'
import { countOf } from '../count-of.ts'
import { isUp } from '../service/service-rows.ts'
import { earliest } from './archive.ts'

export const purgeHistory = defineAction({
  name: 'db.purge-history',
  summary: 'drop old revisions for ever, and keep the state as the last of them left it',
  effect: 'destroy',
  policy: 'admin',
  input: object({
    before: text(40).optional().describe('revisions before this time, for example 2026-01-31'),
    olderThanDays: count(1, 36_500).optional().describe('revisions that are older than that'),
  }),
  output: z.strictObject({
    revisions: z.int(),
    changes: z.int().describe('versions of records that those revisions wrote'),
    start: z
      .strictObject({ revision: z.int(), at: z.string() })
      .nullable()
      .describe('the oldest moment that is left; null is all'),
  }),
  async run({ before, olderThanDays }, context) {
    const limit = earliest(before, olderThanDays, context.clock.wall())
    if (limit === undefined)
      throw new Fault('invalid', 'either before or older-than-days is required', {
        hint: 'nova db purge-history --older-than-days 365',
      })
    return { ...(await purgedHistory(context, limit)), start: await startOf(context) }
  },
})

/** Drops the revisions before an ISO 8601 time; in a plan only counts and announces them. */
export async function purgedHistory(context: Context, before: string): Promise<{ revisions: number; changes: number }> {
  const { store, plan } = context
  if (!store.purgeHistory) throw new Fault('unsupported', 'these records have no history')
  if (!plan) await refuseMixed(context)
  const counts = await store.purgeHistory(before, { planned: plan })
  if (plan) {
    const commands = counts.revisions === 0 ? [] : [countOf(counts.revisions, 'revision'), countOf(counts.changes, 'version')]
    const step = commands.length === 0 ? 'nothing' : 'history'
    context.progress({ type: 'step', flow: 'purge', step, status: 'done', commands })
  }
  return counts
}

async function startOf({ store }: Context): Promise<{ revision: number; at: string } | null> {
  const start = await store.historyStart?.()
  return start ? { revision: start.revision, at: start.at } : null
}

/** A daemon of another version may not know where history begins, and would read what is gone as if nothing had been there. */
async function refuseMixed(context: Context): Promise<void> {
  const services = await context.store.read((reader) => reader.list('services'))
  if (services.length < 2) return
  const now = await storeNow(context.store, context.clock)
  const versions = new Map(services.filter((one) => isUp(one, now, context)).map(({ id, version }) => [version, id]))
  if (versions.size < 2) return
  const named = [...versions].map(([version, id]) => `${id} (${version})`).join(', ')
  throw new Fault('conflict', `services of different versions are up: ${named}`, {
    hint: 'purge when all are of one version; the order: nova daemon upgrade --plan',
  })
}
