/** Boots on the fake driver by clients of a daemon that each wait for one before they ask for the next, as rows. */
import type { OpenClient } from '../../src/api/socket-client.ts'
import { plainRow, type Row } from './row.ts'

export interface ClientBoots {
  connect(): Promise<OpenClient>
  readonly clients: number
  readonly count: number
  /** First part of the servers' names. */
  readonly prefix: string
}

export interface Boots {
  /** Milliseconds from request to ACTIVE. */
  readonly p50: number
  readonly p99: number
  readonly perSecond: number
}

export async function bootsOf({ connect, clients, count, prefix }: ClientBoots): Promise<Boots> {
  const taken: number[] = []
  const began = performance.now()
  let next = 0
  const client = async () => {
    const connection = await connect()
    for (let index = next++; index < count; index = next++) {
      const start = performance.now()
      await connection.call('server.create', { name: `${prefix}-${index}`, flavor: 'm1.tiny', configDrive: false, nic: 'none' })
      taken.push(performance.now() - start)
    }
    connection.close()
  }
  await Promise.all(Array.from({ length: clients }, client))
  return { ...percentiles(taken), perSecond: count / ((performance.now() - began) / 1000) }
}

export interface BootsWanted {
  /** Where the boots go, for example `through the daemon`. */
  readonly what: string
  /** Clients and how many boots they do together. */
  readonly loads: readonly (readonly [clients: number, count: number])[]
  readonly perSecond: number
  /** Milliseconds for one client's p50, where there is a target. */
  readonly p50?: number
  connect(): Promise<OpenClient>
  /** Processor seconds of all services until now. */
  cpu(): number
}

type Target = readonly [budget?: string, met?: boolean]

/** Four rows for each load: p50, p99, boots a second and processor time a boot. */
export async function bootRows({ what, loads, perSecond, p50, connect, cpu }: BootsWanted): Promise<Row[]> {
  // Compiling what is new to a process costs more than the work itself: a daemon that has just begun is another figure.
  await bootsOf({ connect, clients: 8, count: 300, prefix: 'warm' })
  const rows: Row[] = []
  for (const [clients, count] of loads) {
    const before = cpu()
    const seen = await bootsOf({ connect, clients, count, prefix: `c${clients}` })
    const who = clients === 1 ? '1 client' : `${clients} clients`
    const isAlone = clients === 1
    const ofOne: Target = isAlone && p50 !== undefined ? [`≤ ${p50} ms`, seen.p50 <= p50] : []
    const ofMany: Target = isAlone ? [] : [`≥ ${perSecond} /s`, seen.perSecond >= perSecond]
    rows.push(
      plainRow(`boot ${what}, ${who}, p50`, seen.p50, 'ms', ...ofOne),
      plainRow(`boot ${what}, ${who}, p99`, seen.p99, 'ms'),
      plainRow(`boots ${what}, ${who}`, seen.perSecond, '/s', ...ofMany),
      plainRow(`boot ${what}, ${who}, CPU of all services`, ((cpu() - before) * 1000) / count, 'ms'),
    )
  }
  return rows
}

export function percentiles(values: readonly number[]): { p50: number; p99: number } {
  const sorted = values.toSorted((a, b) => a - b)
  return { p50: sorted[Math.floor(sorted.length / 2)] ?? 0, p99: sorted[Math.floor(sorted.length * 0.99)] ?? 0 }
}
