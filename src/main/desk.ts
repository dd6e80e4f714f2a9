/** What stands behind all doors of a daemon: the dispatcher with its line of callers, counts, uploads and own methods. */
import { type Admission, admission } from '../api/admission.ts'
import { consoles } from '../api/consoles.ts'
import { type ActionTable, type Dispatcher, dispatcher } from '../api/dispatcher.ts'
import { downloads, type StreamOptions } from '../api/downloads.ts'
import type { ApiLog } from '../api/log.ts'
import { ownMethods, type Status } from '../api/methods.ts'
import { type Gauges, metricsText } from '../api/metrics.ts'
import { type Rates, rates } from '../api/rates.ts'
import { requestCounts } from '../api/request-counts.ts'
import { uploads } from '../api/uploads.ts'
import type { Bus } from '../bus/bus.ts'
import type { Fault } from '../core/fault.ts'
import { systemClock as clock } from '../system/clock.ts'
import { systemRandom as random } from '../system/random.ts'
import type { Core } from './core.ts'
import { journalBytes, recordGauges } from './gauges.ts'

export interface About {
  readonly stateDirectory: string
  readonly version: string
  readonly startedAt: string
  readonly socket: string
}

export interface DeskOptions {
  readonly core: Core
  readonly actions: ActionTable
  readonly log: ApiLog
  readonly about: About
  readonly bus?: Pick<Bus, 'counts'> | undefined
  /** Reads settings and policy again. */
  reload(): Promise<unknown>
  /** The fault for new calls once the daemon is about to end. */
  stopping(): Fault | undefined
}

export interface Desk {
  readonly dispatcher: Dispatcher
  /** Whether records can be read and calls are taken. */
  health(): Promise<{ readonly ok: boolean; readonly revision: number }>
  /** The metrics as Prometheus text. */
  metrics(): Promise<string>
  /** Ends consoles and downloads. */
  endStreams(reason: Fault): void
  /** Set by the doors: how many connections there are. */
  connections: () => number
}

export function openDesk({ core, actions, log, about, bus, reload, stopping }: DeskOptions): Desk {
  const { settings } = core
  const gate = admission({ running: settings.rpcMaxRunning, waiting: settings.rpcMaxWaiting })
  const counts = requestCounts()
  const pace = rates({
    clock,
    perMinute: () => ({ user: core.settings.userCallsPerMinute, project: core.settings.projectCallsPerMinute }),
  })
  const parts = { directory: `${about.stateDirectory}/uploads`, clock, random, maxBytes: () => core.settings.maxImageBytes }
  const sources = uploads(parts)
  const performed: StreamOptions = {
    perform: (action, input, options) => core.perform(action, input, options),
    load: actions.load,
    clock,
    random,
  }
  const connectSocket = (host: string, path: string) => core.connectSocket(host, path)
  const streams = [downloads(performed), consoles({ ...performed, connectSocket })]
  const gauges = gaugesOf({ core, gate, pace, about, connections: () => desk.connections() })
  const own = ownMethods({
    actions,
    clock,
    reload,
    health,
    metrics,
    status: () => ({ ...gauges.status(), stopping: stopping() !== undefined }),
    top: async () => ({ ...(await gauges.all()), requests: counts.total }),
  })

  async function health() {
    const revision = await core.store.read(async (reader) => reader.revision)
    return { ok: stopping() === undefined, revision }
  }

  async function metrics() {
    const all = await gauges.all()
    return metricsText({ process: all, records: all, counts, bus: bus?.counts })
  }

  const desk: Desk = {
    health,
    metrics,
    connections: () => 0,
    endStreams: (reason) => {
      for (const { close } of streams) close(reason)
    },
    dispatcher: dispatcher({
      perform: (action, input, options) => core.perform(action, input, options),
      actions,
      methods: new Map([...own, ...sources.methods, ...streams.flatMap(({ methods }) => [...methods])]),
      sources,
      admission: gate,
      rates: pace,
      counts,
      log,
      clock,
      random,
      hostNames: async () => (await core.store.read((reader) => reader.list('hosts'))).map(({ name }) => name),
      stopping,
    }),
  }
  return desk
}

interface GaugeOptions {
  readonly core: Core
  readonly gate: Admission
  readonly pace: Rates
  readonly about: About
  readonly connections: () => number
}

function gaugesOf({ core, gate, pace, about, connections }: GaugeOptions) {
  const began = clock.monotonic()
  const ofRecords = recordGauges(core)
  const uptime = () => Math.round((clock.monotonic() - began) / 1000)
  return {
    status: (): Omit<Status, 'stopping'> => ({
      version: about.version,
      pid: process.pid,
      startedAt: about.startedAt,
      uptimeSeconds: uptime(),
      running: gate.running,
      waiting: gate.waiting,
      connections: connections(),
      flows: core.ledger.running.size,
    }),
    all: async (): Promise<Gauges> => ({
      uptimeSeconds: uptime(),
      running: gate.running,
      waiting: gate.waiting,
      refused: gate.refused,
      limited: pace.limited,
      connections: connections(),
      flowsRunning: core.ledger.running.size,
      journalBytes: journalBytes(about.stateDirectory),
      residentBytes: process.memoryUsage.rss(),
      ...(await ofRecords()),
    }),
  }
}
