/** The daemon's watch over the guests of hosts whose hypervisor can tell: the sync of power states runs when something differs. */
import { syncPowerStates } from '../actions/server/sync-power-states.ts'
import { Fault } from '../core/fault.ts'
import type { HostRecord } from '../model/host.ts'
import { type Supervised, supervise } from '../notifications/supervise.ts'
import { watchHost } from '../periodic/watch-host.ts'
import { systemClock as clock } from '../system/clock.ts'
import type { Core } from './core.ts'
import { itself } from './periodic.ts'

export interface WatchingOptions {
  readonly core: Core
  isLeader(): boolean
  note(message: string): void
}

const waitMs = 60_000

/** Begins it; the returned function ends it. */
export function startWatching({ core, isLeader, note }: WatchingOptions): () => Promise<void> {
  const stop = new AbortController()
  const wanted = async (): Promise<Supervised[]> => {
    if (!isLeader() || !core.settings.handleVirtLifecycleEvents) return []
    const hosts = await core.store.read((reader) => reader.list('hosts'))
    return hosts
      .filter(({ driver, inventory }) => driver !== 'fake' && inventory !== null)
      .map((host) => ({ key: `watch ${host.name} ${host.address}`, run: (signal) => watch(host, core, signal) }))
  }
  const ended = supervise({ wanted, clock, note }, stop.signal)
  return async () => {
    stop.abort()
    await ended
  }
}

async function watch({ name: host }: HostRecord, core: Core, signal: AbortSignal): Promise<void> {
  const about = { host, serverId: null, epoch: 0 } as const
  const compute = core.compute()
  await watchHost(
    {
      clock,
      awaitChange: (ends) => compute.call({ ...about, method: 'awaitChange', args: { timeoutMs: waitMs }, signal: ends }),
      differs: async (ends) => {
        const guests = new Map(
          (await compute.call({ ...about, method: 'list', args: undefined, signal: ends })).map((guest) => [guest.id, guest]),
        )
        const servers = await core.store.read((reader) => reader.list('servers', { where: { host } }))
        return servers.some(({ id, deleted, taskState, powerState }) => {
          const found = guests.get(id)?.powerState
          return !deleted && taskState === null && found !== undefined && found !== 'pending' && found !== powerState
        })
      },
      sync: (ends) =>
        core.perform(syncPowerStates, { hosts: [host] }, { caller: itself, signal: ends, progress: () => undefined }),
    },
    signal,
  ).catch((error: unknown) => {
    // A worker of an older version does not know the call: the periodic sync does it all.
    if (!(error instanceof Fault) || error.kind !== 'unsupported') throw error
    return new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
  })
}
