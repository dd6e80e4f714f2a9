import { object, z } from '../../core/schema.ts'
import { defineAction } from '../context.ts'

export const resume = defineAction({
  name: 'operation.resume',
  summary: 'finish or take back operations whose process is gone',
  effect: 'write',
  policy: 'admin',
  input: object({}),
  output: z.array(
    z.strictObject({
      id: z.string(),
      action: z.string(),
      serverId: z.string(),
      status: z.string(),
      error: z.string().nullable(),
    }),
  ),
  async run(_, context) {
    const ended = await context.flows.adopt({ handedOver: true })
    return ended.map(({ id, action, serverId, status, fault }) => ({
      id,
      action,
      serverId,
      status,
      error: fault?.message ?? null,
    }))
  },
})
