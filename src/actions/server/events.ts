import { count, object, reference, z } from '../../core/schema.ts'
import { fromIso } from '../../core/time.ts'
import type { FlowRecord } from '../../model/flow.ts'
import { defineAction, reading } from '../context.ts'
import { find } from '../find.ts'

const stepView = z.strictObject({
  name: z.string(),
  status: z.string(),
  durationMs: z.number().nullable(),
  commands: z.array(z.string()),
})
const eventView = z.strictObject({
  action: z.string(),
  requestId: z.string(),
  actor: z.string(),
  status: z.string(),
  startedAt: z.string(),
  finishedAt: z.string().nullable(),
  durationMs: z.number().nullable(),
  error: z.string().nullable(),
  step: z.string().nullable().describe('the step that is under way or failed'),
  steps: z.array(stepView),
})

export const events = defineAction({
  name: 'server.events',
  summary: 'list what was done to a server: who, when, which step, how long, with what error',
  effect: 'read',
  policy: 'reader',
  input: object({
    server: reference().describe('name or id of the server, also of a deleted one'),
    limit: count(1, 1000).default(100).describe('at most this many, newest first'),
  }),
  output: z.array(eventView),
  async run(input, context) {
    const records = await reading(context, async (reader) => {
      const byId = await reader.get('servers', input.server)
      const server = byId && byId.projectId === context.projectId ? byId : await find(reader, 'servers', input.server, context)
      return reader.list('flows', { where: { serverId: server.id }, newestFirst: true, limit: input.limit })
    })
    return records.map(viewOfEvent)
  },
})

function viewOfEvent(record: FlowRecord): z.infer<typeof eventView> {
  const current = record.steps.find((step) => step.status === 'failed' || step.status === 'running' || step.status === 'undoing')
  return {
    action: record.action,
    requestId: record.requestId,
    actor: record.actor,
    status: record.status,
    startedAt: record.createdAt,
    finishedAt: record.finishedAt,
    durationMs: record.finishedAt === null ? null : fromIso(record.finishedAt) - fromIso(record.createdAt),
    error: record.fault?.message ?? null,
    step: current?.name ?? null,
    steps: record.steps.map(({ name, status, durationMs, commands }) => ({ name, status, durationMs, commands: [...commands] })),
  }
}
