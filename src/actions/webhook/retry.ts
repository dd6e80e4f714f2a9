import { asFault, Fault } from '../../core/fault.ts'
import { list, object, reference, z } from '../../core/schema.ts'
import type { FailedDelivery } from '../../model/webhook.ts'
import { type Context, defineAction, reading, writing } from '../context.ts'
import { findWebhook } from './find-webhook.ts'
import { sendTo } from './send.ts'

const outcome = z.object({ id: z.string(), webhookId: z.string(), delivered: z.boolean(), error: z.string().nullable() })
type Outcome = z.infer<typeof outcome>

export const retry = defineAction({
  name: 'webhook.retry',
  summary: 'post failed notifications again, oldest first, and let webhooks go on that were stopped',
  effect: 'write',
  policy: 'admin',
  input: object({
    webhook: reference().describe('id of the webhook'),
    ids: list(reference(), 1000).default([]).describe('ids of failed notifications; all when left out'),
  }),
  output: z.array(outcome),
  async run({ webhook: id, ids }, context) {
    const { webhook, failed } = await reading(context, async (reader) => ({
      webhook: await findWebhook(reader, id),
      failed: await reader.list('failedDeliveries', { where: { webhookId: id } }),
    }))
    const unknown = ids.find((each) => !failed.some((delivery) => delivery.id === each))
    if (unknown !== undefined)
      throw new Fault('not-found', `webhook ${id} has no failed notification ${unknown}`, {
        hint: `nova webhook failed --webhook ${id}`,
      })
    const rows: Outcome[] = []
    for (const delivery of failed.filter((each) => ids.length === 0 || ids.includes(each.id))) {
      const error = await sendTo(webhook, delivery.notification, context).catch(asFault)
      rows.push({ id: delivery.id, webhookId: id, delivered: error === undefined, error: error?.message ?? null })
      // The others would wait for the same answer.
      if (error) break
      await forget(delivery, context)
    }
    return rows
  },
})

/** It was delivered: it is no failure any more, and a webhook that was stopped for its failures goes on. */
const forget = (delivery: FailedDelivery, context: Context) =>
  writing(context, 'webhook.retry', async (tx) => {
    if (await tx.get('failedDeliveries', delivery.id)) await tx.remove('failedDeliveries', delivery.id)
    const webhook = await tx.get('webhooks', delivery.webhookId)
    if (webhook && !webhook.enabled) await tx.update('webhooks', { ...webhook, enabled: true, disabledReason: null })
  })
