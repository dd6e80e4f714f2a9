/** One try to deliver a notification, from the process that was asked. */
import type { Notification } from '../../model/notification.ts'
import type { Webhook } from '../../model/webhook.ts'
import { secretName } from '../../notifications/deliver.ts'
import type { Context } from '../context.ts'

/** Faults are those of the receiver. A plan sends nothing. */
export async function sendTo(webhook: Webhook, notification: Notification, context: Context): Promise<void> {
  const { plan, vault, clock, settings, signal, post, progress } = context
  if (plan) {
    progress({ type: 'step', flow: 'webhook', step: `post ${notification.message_id} to ${webhook.url}`, status: 'done' })
    return
  }
  const timeoutMs = settings.webhookTimeoutSeconds * 1000
  await post({
    url: webhook.url,
    notification,
    secret: await vault.get(webhook.id, secretName),
    now: clock.wall(),
    allowPrivate: settings.webhookAllowPrivate,
    timeoutMs,
    signal: AbortSignal.any([clock.deadline(timeoutMs), signal]),
  })
}
