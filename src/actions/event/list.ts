import { count, object, reference, text, z } from '../../core/schema.ts'
import { notification } from '../../model/notification.ts'
import { eventFeed, type Feed } from '../../notifications/feed.ts'
import { mayCallerSee, typeMatcher } from '../../notifications/matching.ts'
import { positionOf, positionText } from '../../notifications/position.ts'
import type { Store } from '../../state/store.ts'
import { type Context, defineAction } from '../context.ts'

/** One feed a store, so that the pages of a follower share a pass. */
const feeds = new WeakMap<Store, Feed>()

function feedOf({ store, clock }: Pick<Context, 'store' | 'clock'>): Feed {
  const known = feeds.get(store)
  if (known) return known
  const feed = eventFeed(store, clock)
  feeds.set(store, feed)
  return feed
}

export const list = defineAction({
  name: 'event.list',
  summary: "list what happened as Nova's notifications, and follow it as it happens",
  effect: 'read',
  policy: 'reader',
  input: object({
    follow: z.boolean().default(false).describe('go on with what happens from now, until Ctrl-C'),
    since: text(64)
      .optional()
      .describe('only what came after this revision, message id or time; the last 1000 revisions when left out'),
    type: text(128).optional().describe('event type, * for any characters: compute.instance.create.*'),
    server: reference().optional().describe('id or name of the server they are about'),
    limit: count(1, 10_000).default(1000).describe('at most this many, oldest first'),
  }),
  output: z.object({
    events: z.array(notification).max(10_000),
    next: z.string().describe('`since` of what comes after these'),
  }),
  async run(input, context) {
    const { store, signal } = context
    const isOfType = typeMatcher(input.type)
    const isVisible = mayCallerSee(context)
    const isAbout = aboutServer(input.server)
    const { events, next } = await feedOf(context).page({
      after: await positionOf(input.since, store),
      limit: input.follow ? Math.min(input.limit, 200) : input.limit,
      follow: input.follow,
      signal,
      matches: (each) => isOfType(each.event_type) && isAbout(each.payload) && isVisible(each),
    })
    return { events: [...events], next: positionText(next) }
  },
})

const aboutServer = (server: string | undefined) => (payload: Readonly<Record<string, unknown>>) =>
  server === undefined ||
  payload.instance_id === server ||
  ('instance_id' in payload && (payload.display_name === server || payload.old_display_name === server))
