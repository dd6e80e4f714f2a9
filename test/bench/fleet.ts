/**
 * A fleet as an operator meets it: each command of the built program over a simulated fleet, small and large, with its wall
 * time, its processor time and its memory; and on real hosts of a rig a boot beside `virsh create`, a transfer beside `scp`, a refresh of 50.
 */
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { builtCli } from '../support/built-cli.ts'
import { benchFleetHosts } from './fleet-hosts.ts'
import type { Row } from './row.ts'
import { type SimulatedFleet, simulatedFleet } from './simulated-fleet.ts'

const hostsOf = { small: 100, large: 1000 }

interface Taken {
  readonly ms: number
  /** User and system time: other work of the machine does not add to it. */
  readonly cpuMs: number
  readonly megabytes: number
}

const commands: readonly (readonly [work: string, line: readonly string[], codes: readonly number[]])[] = [
  ['nova list, the newest 1,000', ['list', '--json'], [0]],
  ['nova host refresh', ['host', 'refresh', '--json'], [0]],
  ['nova doctor', ['doctor', '--json'], [0]],
  ['nova rebalance --plan', ['rebalance', '--plan'], [0]],
  ['nova host drain, plan', ['host', 'drain', 'h1', '--plan'], [0]],
  ['nova host drain', ['host', 'drain', 'h1', '--json'], [0]],
]

export async function benchFleet(): Promise<Row[]> {
  const small = await measured(hostsOf.small, 2000)
  const large = await measured(hostsOf.large, 20_000)
  return [...commands.flatMap(([work], index) => rowsOf(work, small[index], large[index])), ...(await benchFleetHosts())]
}

/** Wall time, processor time and memory of the large fleet beside those of the small one. */
function rowsOf(work: string, small: Taken | undefined, large: Taken | undefined): Row[] {
  if (!small || !large) return []
  // One host is drained whatever the size of the fleet is: its cost is that of the host and of looking at the others.
  const isOneHost = work.includes('drain')
  const each = isOneHost ? 1 : hostsOf.large / hostsOf.small
  const row = (what: string, unit: string, value: number, comparison: number, budget = '–', met = true): Row => ({
    work: `${work}: ${what}`,
    value,
    unit,
    comparedWith: '100 hosts, 2,000 servers',
    comparison,
    ratio: value / comparison,
    budget,
    met,
  })
  const isFlat = large.cpuMs / small.cpuMs <= each * 1.2
  return [
    row('wall', 'ms', large.ms, small.ms),
    row('processor', 'ms', large.cpuMs, small.cpuMs, isOneHost ? '–' : `≤ ${each}× (flat a host)`, isOneHost || isFlat),
    row('peak memory', 'MB', large.megabytes, small.megabytes),
  ]
}

async function measured(hosts: number, servers: number): Promise<Taken[]> {
  const state = mkdtempSync(path.join(os.tmpdir(), 'nk-'))
  const hypervisors = mkdtempSync(path.join(existsSync('/dev/shm') ? '/dev/shm' : os.tmpdir(), 'nk-'))
  const fleet: SimulatedFleet = { state, hypervisors, hosts, servers }
  try {
    await simulatedFleet(fleet)
    const taken: Taken[] = []
    for (const [work, line, codes] of commands) {
      const one = await run(state, line, codes)
      console.error(
        `  ${hosts} hosts, ${servers} servers: ${work}: ${Math.round(one.ms)} ms, ${one.cpuMs} ms CPU, ${Math.round(one.megabytes)} MB`,
      )
      taken.push(one)
    }
    return taken
  } finally {
    for (const made of [state, hypervisors]) rmSync(made, { recursive: true, force: true })
  }
}

async function run(state: string, line: readonly string[], codes: readonly number[]): Promise<Taken> {
  const program = await builtCli()
  const began = performance.now()
  const env = { PATH: process.env.PATH, HOME: state, NOVA_STATE: state, NO_COLOR: '1' }
  const child = spawn(process.execPath, [program, ...line], { env, stdio: ['ignore', 'pipe', 'pipe'] })
  child.stdout.resume()
  let said = ''
  child.stderr.on('data', (bytes: Buffer) => {
    said = `${said}${bytes}`.slice(-2000)
  })
  let [peak, cpuMs] = [0, 0]
  const watch = setInterval(() => {
    peak = Math.max(peak, peakOf(child.pid ?? 0))
    cpuMs = Math.max(cpuMs, cpuOf(child.pid ?? 0))
  }, 20)
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve))
  clearInterval(watch)
  if (!codes.includes(code ?? -1)) throw new Error(`nova ${line.join(' ')} ended with ${code}: ${said}`)
  return { ms: performance.now() - began, cpuMs, megabytes: peak / 1024 }
}

/** Kilobytes of the most that a process had in memory so far; 0 once it is gone. */
function peakOf(pid: number): number {
  try {
    return Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0)
  } catch {
    return 0
  }
}

/** Milliseconds on a processor; the kernel counts in hundredths of a second. */
function cpuOf(pid: number): number {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return (Number(fields[11]) + Number(fields[12])) * 10
  } catch {
    return 0
  }
}
