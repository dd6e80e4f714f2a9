/** The daemon's own methods, beside the actions. */
import type { Clock } from '../core/ports.ts'
import type { ActionTable, Method } from './dispatcher.ts'
import type { Gauges } from './metrics.ts'

export interface Status {
  readonly version: string
  readonly pid: number
  readonly startedAt: string
  readonly uptimeSeconds: number
  readonly running: number
  readonly waiting: number
  readonly connections: number
  readonly flows: number
  readonly stopping: boolean
}

/** One look at everything that moves. */
export interface Top extends Gauges {
  /** Calls answered since the start. */
  readonly requests: number
}

export interface MethodOptions {
  readonly actions: ActionTable
  readonly clock: Clock
  status(): Status
  /** Reads settings and policy again; resolves with what changed. */
  reload(): Promise<unknown>
  health(): Promise<{ readonly ok: boolean }>
  /** The metrics as text. */
  metrics(): Promise<string>
  /** The gauges behind them, for `nova top`. */
  top(): Promise<Top>
}

/** What the methods are for, whoever serves them. */
export const methodSummaries: ReadonlyMap<string, string> = new Map([
  ['rpc.discover', 'describe every method as an OpenRPC document'],
  ['ping', 'answer pong'],
  ['cancel', 'stop waiting for the call with this id on the same connection'],
  ['health', 'say whether records can be read and calls are taken'],
  ['metrics', 'show the metrics as Prometheus text'],
  ['daemon.status', 'show the daemon'],
  ['daemon.top', 'show gauges of calls, operations, hosts and servers'],
  ['daemon.reload', 'read settings and policy again'],
  ['upload.begin', 'begin to send the bytes of an image'],
  ['upload.append', 'send the next part of an upload, as base64'],
  ['upload.drop', 'forget an upload'],
  ['download.begin', 'begin to fetch the bytes of an image'],
  ['download.read', 'fetch the next part of a download, as base64'],
  ['download.drop', 'forget a download'],
  ['console.open', "attach to a server's serial console"],
  ['console.read', 'wait for what the guest writes, as base64'],
  ['console.write', 'type into a console, as base64'],
  ['console.close', 'leave a console'],
])

const describe = async ({ actions, status }: MethodOptions): Promise<unknown> =>
  (await import('./discover.ts')).openRpc(actions, methodSummaries, status().version)

export function ownMethods(options: MethodOptions): ReadonlyMap<string, Method> {
  let discovered: Promise<unknown> | undefined
  return new Map<string, Method>([
    ['ping', { run: async () => 'pong' }],
    ['health', { run: () => options.health() }],
    ['daemon.status', { run: async () => options.status() }],
    ['daemon.reload', { isAdmin: true, run: () => options.reload() }],
    [
      'daemon.top',
      {
        isAdmin: true,
        run: async () => {
          const { serversByState, flows, ...top } = await options.top()
          const now = options.clock.wall()
          const shown = flows.map(({ begunAt, ...flow }) => ({ ...flow, seconds: (now - begunAt) / 1000 }))
          return { ...top, flows: shown, serversByState: Object.fromEntries(serversByState) }
        },
      },
    ],
    ['metrics', { isAdmin: true, run: () => options.metrics() }],
    [
      'rpc.discover',
      {
        // Made once: it takes as long as a hundred other calls, and anybody may ask for it.
        run: () => {
          discovered ??= describe(options)
          return discovered
        },
      },
    ],
  ])
}
