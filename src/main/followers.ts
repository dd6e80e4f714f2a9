/** What a daemon does by itself beside serving calls: periodic tasks, and telling others what happened. */
import type { ApiLog } from '../api/log.ts'
import type { Bus } from '../bus/bus.ts'
import type { Core } from './core.ts'
import { startPeriodic } from './periodic.ts'
import { startTelling } from './telling.ts'
import { startWatching } from './watching.ts'
import { startWebhooks } from './webhooks.ts'

export interface FollowersOptions {
  readonly core: Core
  readonly log: ApiLog
  readonly stateDirectory: string
  readonly bus: Bus | undefined
  /** False while another daemon over the same records does this. */
  isLeader(): boolean
}

/** Begins them; the returned function ends them. */
export function startFollowers({ core, log, stateDirectory, bus, isLeader }: FollowersOptions): () => Promise<void> {
  const note = (message: string) => log.warn({}, message)
  const stops = [
    startWatching({ core, isLeader, note }),
    startPeriodic({ core, isLeader, note }),
    startWebhooks({ core, isLeader, note }),
    startTelling({ core, log, stateDirectory, bus, isLeader }),
  ]
  return async () => {
    await Promise.all(stops.map((stop) => stop()))
  }
}
