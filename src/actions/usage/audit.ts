import { object, z } from '../../core/schema.ts'
import { iso } from '../../core/time.ts'
import type { Server } from '../../model/server.ts'
import type { Transaction } from '../../state/store.ts'
import { defineAction, writing } from '../context.ts'
import { auditPeriod } from './audit-period.ts'

const told = z.object({ server: z.string(), id: z.string(), beginning: z.string(), ending: z.string() })

export const audit = defineAction({
  name: 'usage.audit',
  summary: 'tell of every server that was there in the last period (compute.instance.exists), once',
  effect: 'write',
  policy: 'admin',
  input: object({}),
  output: z.array(told),
  async run(_input, context) {
    const { beginning, ending } = auditPeriod(context.settings.instanceUsageAuditPeriod, context.clock.wall())
    const period = { audit_period_beginning: iso(beginning), audit_period_ending: iso(ending) }
    return writing(context, 'usage.audit', async (tx) => {
      const rows: z.infer<typeof told>[] = []
      for (const server of await tx.list('servers')) {
        if (!wasThere(server, iso(beginning), iso(ending)) || (await isTold(tx, server.id, iso(ending)))) continue
        // The note has no state type of its own: it is read by the derivation of notifications only.
        await context.flows.note(tx, 'exists', { state: period, server, call: context })
        rows.push({ server: server.name, id: server.id, beginning: iso(beginning), ending: iso(ending) })
      }
      return rows
    })
  },
})

const wasThere = ({ createdAt, deletedAt }: Server, beginning: string, ending: string) =>
  createdAt < ending && (deletedAt === null || deletedAt >= beginning)

/** Whether the period that ends there was told already. */
async function isTold(tx: Transaction, serverId: string, ending: string): Promise<boolean> {
  const flows = await tx.list('flows', { where: { serverId }, newestFirst: true })
  return flows.some(({ action, state }) => action === 'exists' && Object(state).audit_period_ending >= ending)
}
