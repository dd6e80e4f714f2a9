/** The metrics as Prometheus reads them: text lines of name, labels and value. */
import type { BusCounts } from '../bus/bus.ts'
import { durationBounds, type RequestCounts } from './request-counts.ts'

/** An operation that is not finished; `begunAt` in wall milliseconds. */
export interface OpenFlow {
  readonly action: string
  readonly label: string
  readonly step: string
  readonly begunAt: number
}

/** What a daemon knows of its own process at one moment. */
export interface ProcessGauges {
  readonly uptimeSeconds: number
  readonly running: number
  readonly waiting: number
  readonly refused: number
  /** Calls refused because their user or project had too many. */
  readonly limited: number
  readonly connections: number
  readonly residentBytes: number
}

/** What it knows of the records. */
export interface RecordGauges {
  /** Flows that this process works, and all that are open in the records. */
  readonly flowsRunning: number
  readonly flowsOpen: number
  readonly flows: readonly OpenFlow[]
  readonly revision: number
  readonly journalBytes: number
  readonly hosts: readonly { readonly name: string; readonly enabled: boolean; readonly isUp: boolean }[]
  readonly serversByState: ReadonlyMap<string, number>
}

export interface Gauges extends ProcessGauges, RecordGauges {}

type Labels = Readonly<Record<string, string>>
type Sample = readonly [labels: Labels, value: number, suffix?: string]

const one = (value: number): Sample[] => [[{}, value]]

export interface Measured {
  readonly process: ProcessGauges
  /** A daemon without a key to the records has none of them. */
  readonly records?: RecordGauges | undefined
  readonly counts: RequestCounts
  /** Of a daemon among others. */
  readonly bus?: BusCounts | undefined
}

/** The whole text. */
export const metricsText = ({ process, records, counts, bus }: Measured): string =>
  [
    ...processFamilies(process),
    ...(records ? recordFamilies(records) : []),
    ...(bus ? busFamilies(bus) : []),
    ...requestFamilies(counts),
  ].join('')

const processFamilies = (gauges: ProcessGauges): string[] => [
  family('nova_uptime_seconds', 'gauge', 'seconds since the daemon began', one(gauges.uptimeSeconds)),
  family('nova_calls_running', 'gauge', 'calls that are worked', one(gauges.running)),
  family('nova_calls_waiting', 'gauge', 'calls that wait for their turn', one(gauges.waiting)),
  family('nova_calls_refused_total', 'counter', 'calls refused because the line was full', one(gauges.refused)),
  family('nova_calls_limited_total', 'counter', 'calls refused because of a rate limit', one(gauges.limited)),
  family('nova_connections', 'gauge', 'open connections', one(gauges.connections)),
  family('nova_resident_bytes', 'gauge', 'memory of the daemon', one(gauges.residentBytes)),
]

const busFamilies = ({ repeated, unreadable, late }: BusCounts): string[] => [
  family('nova_bus_repeated_total', 'counter', 'messages that came again and had no second effect', one(repeated)),
  family('nova_bus_unreadable_total', 'counter', 'messages that were put aside because nobody can read them', one(unreadable)),
  family('nova_bus_late_answers_total', 'counter', 'answers that came when nobody waited any more', one(late)),
]

const recordFamilies = (gauges: RecordGauges): string[] => [
  family('nova_flows_running', 'gauge', 'operations that this process works', one(gauges.flowsRunning)),
  family('nova_flows_open', 'gauge', 'operations that are not finished', one(gauges.flowsOpen)),
  family('nova_store_revision', 'counter', 'transactions of the records', one(gauges.revision)),
  family('nova_store_journal_bytes', 'gauge', 'bytes of the journal since the last snapshot', one(gauges.journalBytes)),
  family('nova_host_up', 'gauge', '1 for a host that answered', hostSamples(gauges)),
  family(
    'nova_servers',
    'gauge',
    'servers by state',
    [...gauges.serversByState].map(([state, value]) => [{ state }, value]),
  ),
]

const hostSamples = ({ hosts }: RecordGauges): Sample[] =>
  hosts.map(({ name, enabled, isUp }) => [{ host: name, enabled: String(enabled) }, isUp ? 1 : 0])

function requestFamilies(counts: RequestCounts): string[] {
  const all = counts.all()
  const requests = all.flatMap(({ method, outcomes }) =>
    [...outcomes].map(([outcome, value]): Sample => [{ method, outcome }, value]),
  )
  const durations = all.flatMap(({ method, within, seconds, calls }): Sample[] => [
    ...durationBounds.map((bound, index): Sample => [{ method, le: String(bound) }, within[index] ?? 0, '_bucket']),
    [{ method, le: '+Inf' }, calls, '_bucket'],
    [{ method }, seconds, '_sum'],
    [{ method }, calls, '_count'],
  ])
  return [
    family('nova_requests_total', 'counter', 'calls by method and outcome', requests),
    family('nova_request_seconds', 'histogram', 'durations of calls', durations),
  ]
}

function family(name: string, type: string, help: string, samples: readonly Sample[]): string {
  const lines = samples.map(([labels, value, suffix = '']) => `${name}${suffix}${labelText(labels)} ${value}\n`)
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines.join('')}`
}

function labelText(labels: Labels): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value)}"`)
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`
}

const escaped = (value: string) => value.replace(/\\/g, '\\\\').replace(/"/g, '\\"').replace(/\n/g, '\\n')
