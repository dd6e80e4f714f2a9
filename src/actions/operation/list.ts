import { holds } from '../../core/perform.ts'
import { count, object, z } from '../../core/schema.ts'
import { defineAction, reading } from '../context.ts'

export const list = defineAction({
  name: 'operation.list',
  summary: 'list operations that are under way, handed over or blocked',
  effect: 'read',
  policy: 'reader',
  input: object({ limit: count(1, 1000).default(1000).describe('at most this many') }),
  output: z.array(
    z.strictObject({
      id: z.string(),
      action: z.string(),
      serverId: z.string(),
      status: z.string(),
      step: z.string().nullable(),
      owner: z.int().nullable().describe('process id, null when nobody works on it'),
      startedAt: z.string(),
      error: z.string().nullable(),
    }),
  ),
  async run(input, context) {
    const records = await reading(context, (reader) => reader.list('flows', { where: { open: true }, limit: input.limit }))
    return records
      .filter((record) => holds(context, 'admin') || record.projectId === context.projectId)
      .map((record) => ({
        id: record.id,
        action: record.action,
        serverId: record.serverId,
        status: record.status,
        step: record.steps.find((step) => step.status !== 'done' && step.status !== 'undone')?.name ?? null,
        owner: record.owner?.pid ?? null,
        startedAt: record.createdAt,
        error: record.fault?.message ?? null,
      }))
  },
})
