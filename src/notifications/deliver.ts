/** One webhook's deliveries: in order, each tried again and again with growing pauses, then put on the list of failed ones. */
import { asFault, type Fault } from '../core/fault.ts'
import type { Clock, Random } from '../core/ports.ts'
import { iso } from '../core/time.ts'
import type { Notification } from '../model/notification.ts'
import type { Webhook } from '../model/webhook.ts'
import type { Settings } from '../settings.ts'
import type { Store, Transaction } from '../state/store.ts'
import type { Vault } from '../state/vault.ts'
import { follow } from './follow.ts'
import { typeMatcher } from './matching.ts'
import type { Post } from './post.ts'

export interface DeliverOptions {
  readonly store: Store
  readonly vault: Pick<Vault, 'get'>
  readonly clock: Clock
  readonly random: Pick<Random, 'bytes'>
  readonly post: Post
  settings(): Settings
  note(message: string): void
}

/** Failed deliveries that a webhook may have before it is disabled. */
const mostFailed = 1000
const longestPauseMs = 300_000
/** The name of its secret in the vault. */
export const secretName = 'secret'

const author = { actor: 'nova', request: 'webhook', action: 'webhook.deliver' }

/** Changes the record of a webhook, if it is still there. */
export const changeWebhook = (
  store: Store,
  id: string,
  change: (webhook: Webhook, tx: Transaction) => Promise<Partial<Webhook>>,
) =>
  store.transaction(author, async (tx) => {
    const webhook = await tx.get('webhooks', id)
    if (webhook) await tx.update('webhooks', { ...webhook, ...(await change(webhook, tx)) })
  })

/** Delivers until `signal` aborts. */
export async function deliverTo(webhook: Webhook, options: DeliverOptions, signal: AbortSignal): Promise<void> {
  const { store, clock, note } = options
  const { id } = webhook
  const isWanted = typeMatcher(webhook.type ?? undefined)
  let lastError = webhook.lastError
  const take = async (notification: Notification) => {
    if (!isWanted(notification.event_type)) return false
    const fault = await tried(webhook, notification, options, signal, async (error) => {
      if (lastError !== null) return
      lastError = error.message
      await changeWebhook(store, id, async () => ({ lastError: error.message }))
    })
    if (signal.aborted) return false
    lastError = fault?.message ?? null
    if (fault) await putAside(webhook, notification, fault, options)
    return true
  }
  const save = (after: string, taken: number) =>
    changeWebhook(store, id, async ({ delivered }) => ({
      after,
      delivered: delivered + taken,
      lastError,
      lastDeliveredAt: iso(clock.wall()),
    }))
  await follow({ store, clock, after: webhook.after, take, save, note: (message) => note(`webhook ${id}: ${message}`) }, signal)
}

/** The last fault when no try was taken; undefined when one was, or when the signal aborted. */
async function tried(
  webhook: Webhook,
  notification: Notification,
  { vault, clock, random, post, settings }: DeliverOptions,
  signal: AbortSignal,
  onError: (fault: Fault) => Promise<void>,
): Promise<Fault | undefined> {
  for (let count = 1; ; count += 1) {
    const { webhookTries, webhookRetrySeconds, webhookTimeoutSeconds, webhookAllowPrivate: allowPrivate } = settings()
    try {
      const secret = await vault.get(webhook.id, secretName)
      const timeoutMs = webhookTimeoutSeconds * 1000
      await post({
        url: webhook.url,
        notification,
        secret,
        now: clock.wall(),
        allowPrivate,
        timeoutMs,
        signal: within(clock, timeoutMs, signal),
      })
      return undefined
    } catch (error) {
      if (signal.aborted) return undefined
      const fault = asFault(error)
      if (count >= webhookTries) return fault
      await onError(fault)
      const pause = Math.min(longestPauseMs, webhookRetrySeconds * 1000 * 2 ** (count - 1))
      const chance = 0.5 + (random.bytes(1)[0] ?? 0) / 255
      await clock.sleep(pause * chance, signal).catch(() => undefined)
      if (signal.aborted) return undefined
    }
  }
}

/** A receiver that sends a byte now and then is late as well. */
const within = (clock: Clock, ms: number, signal: AbortSignal) => AbortSignal.any([clock.deadline(ms), signal])

async function putAside(
  webhook: Webhook,
  notification: Notification,
  fault: Fault,
  { store, clock, settings, note }: DeliverOptions,
) {
  const { id } = webhook
  note(`webhook ${id}: ${notification.message_id} failed: ${fault.message}`)
  await changeWebhook(store, id, async (stored, tx) => {
    const failedId = `${id}:${notification.message_id}`
    const facts = {
      webhookId: id,
      notification,
      tries: settings().webhookTries,
      error: fault.message,
      failedAt: iso(clock.wall()),
    }
    // Taken a second time after a crash: it is there already.
    if (!(await tx.get('failedDeliveries', failedId))) await tx.insert('failedDeliveries', { id: failedId, ...facts })
    const failed = await tx.count('failedDeliveries', { where: { webhookId: id } })
    if (failed < mostFailed) return { lastError: fault.message }
    return { ...stored, enabled: false, disabledReason: `${failed} notifications failed`, lastError: fault.message }
  })
}
