/** The daemon's own methods, beside the actions. */
import type { Clock } from '../core/ports.ts'
import type { ActionTable, Method } from './dispatcher.ts'

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

export interface MethodOptions {
  readonly actions: ActionTable
  readonly clock: Clock
  status(): Status
  /** Reads settings and policy again; resolves with what changed. */
  reload(): Promise<unknown>
  health(): Promise<{ readonly ok: boolean }>
  /** The metrics as text. */
  metrics(): Promise<string>
}

export function ownMethods(options: MethodOptions): ReadonlyMap<string, Method> {
  const methods = new Map<string, Method>([
    ['ping', { summary: 'answer pong', run: async () => 'pong' }],
    ['health', { summary: 'say whether records can be read and calls are taken', run: () => options.health() }],
    ['daemon.status', { summary: 'show the daemon', run: async () => options.status() }],
    ['daemon.reload', { summary: 'read settings and policy again', isAdmin: true, run: () => options.reload() }],
    ['metrics', { summary: 'show the metrics as Prometheus text', isAdmin: true, run: () => options.metrics() }],
  ])
  methods.set('rpc.discover', {
    summary: 'describe every method as an OpenRPC document',
    run: async () => (await import('./discover.ts')).openRpc(options.actions, methods, options.status().version),
  })
  return methods
}
