import { object, reference } from '../../core/schema.ts'
import { viewOfWebhook, webhookView } from '../../model/webhook.ts'
import { defineAction, writing } from '../context.ts'
import { findWebhook } from './find-webhook.ts'

export const remove = defineAction({
  name: 'webhook.remove',
  summary: 'forget a webhook, its secret and what it did not take',
  effect: 'destroy',
  policy: 'admin',
  input: object({ id: reference().describe('id of the webhook') }),
  output: webhookView,
  async run({ id }, context) {
    const webhook = await writing(context, 'webhook.remove', async (tx) => {
      const found = await findWebhook(tx, id)
      for (const failed of await tx.list('failedDeliveries', { where: { webhookId: id } }))
        await tx.remove('failedDeliveries', failed.id)
      await tx.remove('webhooks', id)
      return found
    })
    await context.vault.forget(id)
    return viewOfWebhook(webhook, 0)
  },
})
