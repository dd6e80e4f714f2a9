import { count, object, z } from '../../core/schema.ts'
import type { Reader } from '../../state/store.ts'
import { defineAction, reading } from '../context.ts'

const fault = z.strictObject({
  at: z.string(),
  action: z.string(),
  about: z.string().describe('the server, or who called'),
  kind: z.string(),
  message: z.string(),
  requestId: z.string(),
})
type FaultRow = z.infer<typeof fault>

const most = 10_000
/** Operations that are looked at between two pauses. */
const page = 500

export const faults = defineAction({
  name: 'manage.faults',
  summary: 'list the newest failures of operations and of calls',
  effect: 'read',
  policy: 'admin',
  input: object({ limit: count(1, most).default(10).describe('at most this many') }),
  output: z.array(fault),
  async run({ limit }, context) {
    const calls = await context.audit({ limit }, ({ outcome }) => outcome !== 'ok')
    const rows = [
      ...calls.map(({ at, action, userId, outcome, message, requestId }) => ({
        ...{ at, action, about: userId, kind: outcome, message: message ?? '', requestId },
      })),
      ...(await reading(context, (reader) => ofOperations(reader, limit))),
    ]
    return rows.sort((one, other) => (one.at < other.at ? 1 : one.at > other.at ? -1 : 0)).slice(0, limit)
  },
})

async function ofOperations(reader: Reader, limit: number): Promise<FaultRow[]> {
  const found: FaultRow[] = []
  for (let marker: string | undefined; found.length < limit; ) {
    const flows = await reader.list('flows', { newestFirst: true, limit: page, ...(marker === undefined ? {} : { marker }) })
    for (const { fault: why, action, label, requestId, createdAt, finishedAt } of flows) {
      if (why === null || found.length >= limit) continue
      found.push({ at: finishedAt ?? createdAt, action, about: label, kind: why.kind, message: why.message, requestId })
    }
    if (flows.length < page) break
    marker = flows.at(-1)?.id
  }
  return found
}
