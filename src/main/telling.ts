/** Followers of the daemon beside webhooks: notifications to the message queue, and to the lifecycle hooks of the state directory. */
import type { ApiLog } from '../api/log.ts'
import type { Bus } from '../bus/bus.ts'
import { asFault } from '../core/fault.ts'
import { localHost } from '../hosts/local.ts'
import type { Notification } from '../model/notification.ts'
import { follow } from '../notifications/follow.ts'
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

type Take = (notification: Notification, signal: AbortSignal) => Promise<boolean>

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
      ...(bus?.publish ? [follower('bus', publisher(bus, note))] : []),
      ...(fs.exists(hooks.directory) ? [follower('hooks', (each, signal) => runHooks(each, hooks, signal))] : []),
    ]
  }
  const follower = (id: string, take: Take): Supervised => ({
    key: id,
    run: async (signal) => {
      const after = await positionOf(core, id)
      await follow({ store: core.store, clock, after, take, save: (next) => keep(core, id, next), note }, signal)
    },
  })
  const ended = supervise({ wanted, clock, note }, stop.signal)
  return async () => {
    stop.abort()
    await ended
  }
}

/** Publishes until the broker has it: one that is away is waited for. */
const publisher =
  (bus: Bus, note: (message: string) => void): Take =>
  async (notification, signal) => {
    for (let isFirst = true; !signal.aborted; isFirst = false) {
      try {
        await bus.publish?.(`notifications.${notification.priority.toLowerCase()}`, notification, notification.message_id)
        return true
      } catch (error) {
        if (isFirst) note(`notification ${notification.message_id}: ${asFault(error).message}`)
        await clock.sleep(busPauseMs, signal).catch(() => undefined)
      }
    }
    return false
  }

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
