/** One look at the daemon, as `nova top` gets and shows it. */
import { z } from '../core/schema.ts'
import { fromIso } from '../core/time.ts'
import { escapeText } from './escape.ts'
import type { Screen } from './screen.ts'
import { type Cell, table } from './table.ts'

/** What the daemon tells of itself. */
export const daemonGauges = z.object({
  uptimeSeconds: z.number(),
  requests: z.int(),
  running: z.int(),
  waiting: z.int(),
  refused: z.int(),
  limited: z.int().default(0),
  connections: z.int(),
  flowsRunning: z.int(),
  flowsOpen: z.int(),
  revision: z.int(),
  journalBytes: z.number(),
  residentBytes: z.number(),
  serversByState: z.record(z.string(), z.int()),
  flows: z.array(z.object({ action: z.string(), label: z.string(), step: z.string(), seconds: z.number() })),
})

export const serviceLoad = z.object({
  binary: z.string(),
  host: z.string(),
  status: z.string(),
  state: z.string(),
  updatedAt: z.string(),
})

export const hostLoad = z.object({
  name: z.string(),
  status: z.string(),
  state: z.string(),
  servers: z.int(),
  vcpus: z.int(),
  vcpusUsed: z.int(),
  memoryMb: z.int(),
  memoryMbUsed: z.int(),
  diskGb: z.int(),
  diskGbUsed: z.int(),
})

export const daemonTop = daemonGauges.extend({ services: z.array(serviceLoad), hosts: z.array(hostLoad) })
export type DaemonTop = z.infer<typeof daemonTop>

/** Rows of each table: what is down or fullest comes first. */
const mostRows = 20
const mib = (bytes: number) => `${Math.round(bytes / 1024 ** 2)} MiB`
const number = (value: number): Cell => ({ text: String(value), right: true })
const of = (used: number, all: number): Cell => ({ text: `${used}/${all}`, right: true })

/** Calls a second since the look before, or the mean since the start; without a sum that began anew. */
function rateOf(now: DaemonTop, before: DaemonTop | undefined): number {
  const since = before && before.requests <= now.requests && before.uptimeSeconds < now.uptimeSeconds ? before : undefined
  const seconds = now.uptimeSeconds - (since?.uptimeSeconds ?? 0)
  return (now.requests - (since?.requests ?? 0)) / Math.max(seconds, 0.001)
}

/** The look as lines. */
export function renderTop(now: DaemonTop, screen: Screen, before?: DaemonTop): string {
  const states = Object.entries(now.serversByState).map(([state, count]) => `${state} ${count}`)
  const down = now.hosts.filter(({ state }) => state === 'down').length
  const disabled = now.hosts.filter(({ status }) => status === 'disabled').length
  return [
    `up ${Math.round(now.uptimeSeconds)} s · ${now.connections} connections · ${mib(now.residentBytes)} · journal ${mib(now.journalBytes)} · revision ${now.revision}`,
    `calls    ${rateOf(now, before).toFixed(1)}/s · ${now.running} running · ${now.waiting} waiting · ${now.refused} refused · ${now.limited} over their rate`,
    `servers  ${states.map(escapeText).join(' · ') || 'none'}`,
    `hosts    ${now.hosts.length}, ${down} down, ${disabled} disabled`,
    `flows    ${now.flowsRunning} running · ${now.flowsOpen} open`,
    ...section(['OPERATION', 'OF', 'STEP', 'SECONDS'], flowRows(now), screen),
    ...section(['SERVICE', 'HOST', 'STATUS', 'STATE', 'SEEN'], serviceRows(now, screen), screen),
    ...section(['HOST', 'STATUS', 'STATE', 'SERVERS', 'VCPUS', 'MEMORY MB', 'DISK GB'], hostRows(now), screen),
  ].join('\n')
}

function section(header: readonly string[], rows: readonly (readonly Cell[])[], screen: Screen): string[] {
  if (rows.length === 0) return []
  const more = rows.length - mostRows
  return ['', table(header, rows.slice(0, mostRows), screen), ...(more > 0 ? [`… ${more} more`] : [])]
}

const flowRows = ({ flows }: DaemonTop) =>
  flows.map(({ action, label, step, seconds }) => [
    { text: action },
    { text: label },
    { text: step },
    number(Math.round(seconds)),
  ])

function serviceRows({ services }: DaemonTop, { now }: Screen): Cell[][] {
  const age = (at: string) => `${Math.max(0, Math.round((now - fromIso(at)) / 1000))} s ago`
  const troubled = ({ state, status }: DaemonTop['services'][number]) => (state === 'down' ? 0 : status === 'disabled' ? 1 : 2)
  return [...services]
    .sort((a, b) => troubled(a) - troubled(b))
    .map(({ binary, host, status, state, updatedAt }) => [
      { text: binary },
      { text: host },
      { text: status },
      { text: state },
      { text: age(updatedAt) },
    ])
}

function hostRows({ hosts }: DaemonTop): Cell[][] {
  const fullness = ({ state, memoryMb, memoryMbUsed }: DaemonTop['hosts'][number]) =>
    state === 'down' ? Number.POSITIVE_INFINITY : memoryMbUsed / Math.max(memoryMb, 1)
  return [...hosts]
    .sort((a, b) => fullness(b) - fullness(a) || (a.name < b.name ? -1 : 1))
    .map((host) => [
      { text: host.name },
      { text: host.status },
      { text: host.state },
      number(host.servers),
      of(host.vcpusUsed, host.vcpus),
      of(host.memoryMbUsed, host.memoryMb),
      of(host.diskGbUsed, host.diskGb),
    ])
}
