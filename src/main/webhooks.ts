/** The daemon's webhooks: a follower for each one that is enabled. */

import { deliverTo } from '../notifications/deliver.ts'
import { postJson } from '../notifications/post.ts'
import { type Supervised, supervise } from '../notifications/supervise.ts'
import { systemClock as clock } from '../system/clock.ts'
import { systemRandom as random } from '../system/random.ts'
import type { Core } from './core.ts'

export interface WebhooksOptions {
  readonly core: Core
  isLeader(): boolean
  note(message: string): void
}

/** Begins them; the returned function ends them and resolves when their positions are kept. */
export function startWebhooks({ core, isLeader, note }: WebhooksOptions): () => Promise<void> {
  const stop = new AbortController()
  const { store, vault } = core
  const options = { store, vault, clock, random, post: postJson, settings: () => core.settings, note }
  const wanted = async (): Promise<Supervised[]> => {
    if (!isLeader()) return []
    const webhooks = await store.read((reader) => reader.list('webhooks'))
    return webhooks
      .filter(({ enabled }) => enabled)
      .map(({ id }) => ({
        key: `webhook ${id}`,
        async run(signal) {
          const webhook = await store.read((reader) => reader.get('webhooks', id))
          if (webhook) await deliverTo(webhook, options, signal)
        },
      }))
  }
  const ended = supervise({ wanted, clock, note }, stop.signal)
  return async () => {
    stop.abort()
    await ended
  }
}
