/** The doors of a daemon that only serves hosts: its socket, and the metrics on loopback. It answers for itself and for no records. */
import { userInfo } from 'node:os'
import { admission } from '../api/admission.ts'
import { type ActionTable, dispatcher } from '../api/dispatcher.ts'
import type { ApiLog } from '../api/log.ts'
import { ownMethods } from '../api/methods.ts'
import { metricsText } from '../api/metrics.ts'
import type { RequestCounts } from '../api/request-counts.ts'
import { openSocketDoor } from '../api/socket-door.ts'
import type { Bus } from '../bus/bus.ts'
import { Fault } from '../core/fault.ts'
import { iso } from '../core/time.ts'
import type { Settings } from '../settings.ts'
import { systemClock as clock } from '../system/clock.ts'
import { systemRandom as random } from '../system/random.ts'
import { socketOf } from './daemon-lock.ts'
import { openMetrics } from './doors.ts'
import type { Worker } from './worker.ts'

export interface WorkerDeskOptions {
  readonly stateDirectory: string
  readonly version: string
  readonly actions: ActionTable
  readonly settings: Settings
  readonly log: ApiLog
  readonly worker: Pick<Worker, 'running'>
  readonly counts: RequestCounts
  readonly bus: Pick<Bus, 'counts'>
  /** Milliseconds since a conductor answered. */
  silentMs(): number
  stopping(): Fault | undefined
}

/** Opens the doors and resolves with what closes them. */
export async function openWorkerDesk(options: WorkerDeskOptions): Promise<{ close(): Promise<void> }> {
  const { stateDirectory, settings, log, counts, stopping } = options
  const facts = factsOf(options, () => door.connections)
  const metrics = async () => metricsText({ process: facts.gauges(), counts, bus: options.bus.counts })
  const health = async () => ({ ok: stopping() === undefined && options.silentMs() <= settings.downAfterMs })
  const refuse = async (): Promise<never> => {
    throw alone(settings)
  }
  const methods = ownMethods({ ...options, clock, status: facts.status, health, metrics, reload: refuse, top: refuse })
  const desk = dispatcher({
    perform: refuse,
    actions: options.actions,
    methods,
    sources: {
      open: () => {
        throw alone(settings)
      },
    },
    admission: admission({ running: settings.rpcMaxRunning, waiting: settings.rpcMaxWaiting }),
    rates: { take: () => undefined, limited: 0 },
    counts,
    log,
    clock,
    random,
    hostNames: async () => settings.daemonHosts,
    stopping,
  })
  const { rpcMaxConnections: maxConnections, rpcIdleSeconds: idleSeconds, metricsListen } = settings
  const common = { dispatcher: desk, log, maxConnections, idleSeconds }
  const door = await openSocketDoor({ ...common, path: socketOf(stateDirectory), owner: userInfo().username })
  const closeMetrics = metricsListen === '' ? undefined : await openMetrics(metricsListen, { health, metrics })
  return {
    async close() {
      await door.close()
      await closeMetrics?.()
    },
  }
}

function factsOf({ version, worker, stopping }: WorkerDeskOptions, connections: () => number) {
  const startedAt = iso(clock.wall())
  const began = clock.monotonic()
  const moving = () => ({
    uptimeSeconds: Math.round((clock.monotonic() - began) / 1000),
    running: worker.running,
    waiting: 0,
    connections: connections(),
  })
  return {
    status: () => ({ version, pid: process.pid, startedAt, ...moving(), flows: 0, stopping: stopping() !== undefined }),
    gauges: () => ({ ...moving(), refused: 0, limited: 0, residentBytes: process.memoryUsage.rss() }),
  }
}

const alone = ({ daemonHosts }: Pick<Settings, 'daemonHosts'>) =>
  new Fault('unsupported', `this daemon serves ${daemonHosts.length} hosts and has no key to the records`, {
    hint: 'ask one with the role api: --endpoint, or nova daemon status here',
  })
