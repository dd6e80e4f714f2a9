/**
 * Terminology.
 * - webhook: a URL that notifications are posted to, each after the one before it.
 * - failed delivery: a notification that a webhook did not take; it waits for a retry by hand.
 * - feed position: how far a follower of the daemon has come.
 */
import { z } from '../core/schema.ts'
import { notification } from './notification.ts'

export const webhookRecord = z.object({
  /** Also where its secret is in the vault. */
  id: z.string(),
  generation: z.int(),
  url: z.string(),
  /** Pattern of event types; null takes all. */
  type: z.string().nullable(),
  enabled: z.boolean(),
  disabledReason: z.string().nullable(),
  /** Revision, or message id, of the last notification that was dealt with. */
  after: z.string(),
  delivered: z.int(),
  lastDeliveredAt: z.string().nullable(),
  /** What went wrong last; null since the last delivery. */
  lastError: z.string().nullable(),
  createdBy: z.string(),
  createdAt: z.string(),
})
export type Webhook = z.infer<typeof webhookRecord>

/** A webhook as callers see it. */
export const webhookView = webhookRecord.omit({ generation: true }).extend({
  failed: z.int().describe('notifications that it did not take'),
})
export type WebhookView = z.infer<typeof webhookView>

export function viewOfWebhook({ generation: _, ...rest }: Webhook, failed: number): WebhookView {
  return { ...rest, failed }
}

export const failedDelivery = z.object({
  /** Webhook id, a colon and the message id. */
  id: z.string(),
  generation: z.int(),
  webhookId: z.string(),
  notification,
  tries: z.int(),
  error: z.string(),
  failedAt: z.string(),
})
export type FailedDelivery = z.infer<typeof failedDelivery>

/** A failed delivery as callers see it. */
export const failedView = failedDelivery.omit({ generation: true, notification: true }).extend({
  messageId: z.string(),
  type: z.string(),
})
export type FailedView = z.infer<typeof failedView>

export const viewOfFailed = ({
  generation: _,
  notification: { message_id, event_type },
  ...rest
}: FailedDelivery): FailedView => ({
  ...rest,
  messageId: message_id,
  type: event_type,
})

/** How far a follower of the daemon has come. */
export interface FeedPosition {
  /** `bus` or `hooks`. */
  readonly id: string
  readonly generation: number
  /** Revision, or message id, of the last notification that was dealt with. */
  readonly after: string
}
