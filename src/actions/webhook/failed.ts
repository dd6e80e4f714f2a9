import { count, object, reference, z } from '../../core/schema.ts'
import { failedView, viewOfFailed } from '../../model/webhook.ts'
import { defineAction, reading } from '../context.ts'

export const failed = defineAction({
  name: 'webhook.failed',
  summary: 'list notifications that webhooks did not take, oldest first',
  effect: 'read',
  policy: 'admin',
  input: object({
    webhook: reference().optional().describe('id of a webhook; all when left out'),
    limit: count(1, 10_000).default(1000).describe('at most this many'),
  }),
  output: z.array(failedView),
  run: ({ webhook, limit }, context) =>
    reading(context, async (reader) =>
      (await reader.list('failedDeliveries', { ...(webhook === undefined ? {} : { where: { webhookId: webhook } }), limit })).map(
        viewOfFailed,
      ),
    ),
})
