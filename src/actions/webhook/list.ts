import { object, z } from '../../core/schema.ts'
import { viewOfWebhook, webhookView } from '../../model/webhook.ts'
import { defineAction, reading } from '../context.ts'

export const list = defineAction({
  name: 'webhook.list',
  summary: 'list webhooks with how far they are',
  effect: 'read',
  policy: 'admin',
  input: object({}),
  output: z.array(webhookView),
  run: (_input, context) =>
    reading(context, async (reader) =>
      Promise.all(
        (await reader.list('webhooks')).map(async (webhook) =>
          viewOfWebhook(webhook, await reader.count('failedDeliveries', { where: { webhookId: webhook.id } })),
        ),
      ),
    ),
})
