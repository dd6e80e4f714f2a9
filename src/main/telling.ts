/** Followers of the daemon beside webhooks: notifications to the message queue, and to the lifecycle hooks of the state directory. */
import type { ApiLog } from '../api/log.ts'
import type { Bus } from '../bus/bus.ts'
import { asFault } from '../core/fault.ts'
import { localHost } from '../hosts/local.ts'
import type { Notification } from '../model/notification.ts'
import { type Follower, follow } from '../notifications/follow.ts'
import { type HooksOptions, runHooks } from '../notifications/lifecycle-hooks.ts'
import { type Supervised, supervise } from '../notifications/supervise.ts'
import { systemClock as clock } from '../system/clock.ts'
import { systemFs as fs } from '../system/fs.ts'
import type { Core } from './core.ts'

export interface TellingOptions {
  readonly core: Core
  readonly stateDirectory: string
  readonly bus: Bus | undefined
  readonly log: ApiLog
  isLeader(): boolean
}

type Taker = Pick<Follower, 'take' | 'settled'>

const author = { actor: 'nova', request: 'feed', action: 'feed.follow' }
const busPauseMs = 1000

/** Begins them; the returned function ends them and resolves when their positions are kept. */
export function startTelling({ core, stateDirectory, bus, log, isLeader }: TellingOptions): () => Promise<void> {
  const stop = new AbortController()
  const note = (message: string) => log.warn({}, message)
  const hooks: HooksOptions = {
    directory: `${stateDirectory}/hooks.d`,
    fs,
    host: localHost({ name: 'localhost', clock }),
    uid: process.getuid?.() ?? 0,
    timeoutMs: () => core.settings.hookTimeout * 1000,
    note: (facts, message) => (message === 'hook ran' ? log.info(facts, message) : log.warn(facts, message)),
  }
  const wanted = async (): Promise<Supervised[]> => {
    if (!isLeader()) return []
    return [
      ...(bus?.publish ? [follower('bus', (signal) => publisher(bus, note, signal))] : []),
      ...(fs.exists(hooks.directory)
        ? [follower('hooks', () => ({ take: (each, signal) => runHooks(each, hooks, signal) }))]
        : []),
    ]
  }
  const follower = (id: string, taker: (signal: AbortSignal) => Taker): Supervised => ({
    key: id,
    run: async (signal) => {
      const after = await positionOf(core, id)
      await follow({ store: core.store, clock, after, ...taker(signal), save: (next) => keep(core, id, next), note }, signal)
    },
  })
  const ended = supervise({ wanted, clock, note }, stop.signal)
  return async () => {
    stop.abort()
    await ended
  }
}

/** Notifications that are sent before the broker has said of the first that it has it. */
const mostAtOnce = 200

/** Publishes in order and many at a time, each until the broker has it: one that is away is waited for. */
function publisher(bus: Bus, note: (message: string) => void, signal: AbortSignal): Taker {
  const waiting: Notification[] = []
  let [taken, published, isAway] = [0, 0, false]
  let sending: Promise<void> | undefined

  async function sendLot(): Promise<void> {
    // What the follower has at hand goes together.
    await clock.sleep(0)
    const lot = waiting.slice(0, mostAtOnce)
    const said = await Promise.allSettled(lot.map((each) => publish(bus, each)))
    const failed = said.findIndex(({ status }) => status === 'rejected')
    // Those behind one that failed go again, so that they stay in order.
    const done = failed < 0 ? lot.length : failed
    waiting.splice(0, done)
    published += done
    const [outcome] = said.slice(done)
    const wasAway = isAway
    isAway = outcome?.status === 'rejected'
    if (outcome?.status !== 'rejected') return
    if (!wasAway) note(`notification ${waiting[0]?.message_id}: ${asFault(outcome.reason).message}`)
    await clock.sleep(busPauseMs, signal).catch(() => undefined)
  }
  const send = () => {
    sending ??= sendLot().finally(() => {
      sending = undefined
      if (waiting.length > 0 && !signal.aborted) send()
    })
  }

  return {
    async take(notification) {
      taken += 1
      waiting.push(notification)
      send()
      if (waiting.length >= mostAtOnce) await sending
      return true
    },
    async settled() {
      const goal = taken
      while (published < goal && sending) await sending
      return published >= goal
    },
  }
}

const publish = async (bus: Bus, notification: Notification): Promise<void> =>
  bus.publish?.(`notifications.${notification.priority.toLowerCase()}`, notification, notification.message_id)

/** Who follows for the first time begins with what comes. */
async function positionOf({ store }: Core, id: string): Promise<string> {
  const { known, revision } = await store.read(async (reader) => ({
    known: await reader.get('feedPositions', id),
    revision: reader.revision,
  }))
  if (known) return known.after
  await keep({ store }, id, String(revision))
  return String(revision)
}

const keep = ({ store }: Pick<Core, 'store'>, id: string, after: string): Promise<void> =>
  store.transaction(author, async (tx) => {
    const known = await tx.get('feedPositions', id)
    await (known ? tx.update('feedPositions', { ...known, after }) : tx.insert('feedPositions', { id, after }))
  })
