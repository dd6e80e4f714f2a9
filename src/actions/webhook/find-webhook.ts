/** The webhook with an id. */
import { Fault } from '../../core/fault.ts'
import type { Webhook } from '../../model/webhook.ts'
import type { Reader } from '../../state/store.ts'

/** Fault `not-found` when there is none. */
export async function findWebhook(reader: Reader, id: string): Promise<Webhook> {
  const webhook = await reader.get('webhooks', id)
  if (webhook) return webhook
  throw new Fault('not-found', `no webhook has the id ${id}`, { hint: 'nova webhook list' })
}
