/**
 * The daemon of the built program over its socket: boots on the fake driver by 1, 10 and 100 clients, lists, round trips against a
 * bare echo, memory and start-up over many records. Records are on the disk, the files of the fake hypervisor in memory.
 */
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import os from 'node:os'
import path from 'node:path'
import type { OpenClient } from '../../src/api/socket-client.ts'
import { openJsonStore } from '../../src/state/json/json-store.ts'
import { seedStore } from '../../src/state/seed.ts'
import { systemClock } from '../../src/system/clock.ts'
import { systemFs } from '../../src/system/fs.ts'
import { systemRandom } from '../../src/system/random.ts'
import { aDaemon, type Daemon } from '../support/a-daemon.ts'
import { aServer } from '../support/a-server.ts'
import { eventually } from '../support/eventually.ts'
import type { Row } from './row.ts'

const hosts = 20
const mebibyte = 1024 ** 2

export async function benchDaemon(): Promise<Row[]> {
  const directory = mkdtempSync(path.join(os.tmpdir(), 'nk-'))
  const hypervisor = mkdtempSync(path.join(existsSync('/dev/shm') ? '/dev/shm' : os.tmpdir(), 'nk-'))
  try {
    return [
      ...(await benchBoots(path.join(directory, 'boots'), hypervisor)),
      ...(await benchRecords(path.join(directory, 'many'), 10_000)),
      ...(await benchRecords(path.join(directory, 'most'), 100_000)),
    ]
  } finally {
    for (const made of [directory, hypervisor]) rmSync(made, { recursive: true, force: true })
  }
}

const row = (work: string, value: number, unit: string, budget = '', met = true): Row => ({
  work,
  value,
  unit,
  comparedWith: '',
  comparison: null,
  ratio: null,
  budget,
  met,
})

async function benchBoots(state: string, hypervisor: string): Promise<Row[]> {
  await fill(state, 0)
  writeFileSync(path.join(state, 'settings.json'), JSON.stringify({ maxInstancesPerHost: 100_000, maxIoOpsPerHost: 100_000 }))
  const daemon = await aDaemon(state)
  const admin = await daemon.client()
  for (let index = 0; index < hosts; index++) {
    const instancesPath = path.join(hypervisor, `h${index}`)
    await admin.call('host.add', { name: `h${index}`, driver: 'fake', instancesPath })
  }
  await admin.call('quota.set', { project: 'default', instances: -1, cores: -1, ram: -1 })
  const rows: Row[] = [...(await benchRoundTrips(daemon, state))]
  await boots(daemon, 4, 40, 'warm')
  for (const [clients, count] of [
    [1, 100],
    [10, 600],
    [100, 1500],
  ] as const) {
    const { p50, p99, perSecond, cpuSeconds } = await boots(daemon, clients, count, `c${clients}`)
    const who = clients === 1 ? '1 client' : `${clients} clients`
    rows.push(
      clients === 1
        ? row(`boot through the daemon, ${who}, p50`, p50, 'ms', '≤ 15 ms', p50 <= 15)
        : row(`boot through the daemon, ${who}, p50`, p50, 'ms'),
      row(`boot through the daemon, ${who}, p99`, p99, 'ms'),
      clients === 1
        ? row(`boots through the daemon, ${who}`, perSecond, '/s')
        : row(`boots through the daemon, ${who}`, perSecond, '/s', '≥ 300 /s', perSecond >= 300),
      row(`boot through the daemon, ${who}, CPU of the daemon`, cpuSeconds * 1000, 'ms'),
    )
  }
  await end(daemon)
  return rows
}

async function boots(daemon: Daemon, clients: number, count: number, prefix: string) {
  const taken: number[] = []
  const before = cpuOf(daemon.pid)
  const began = performance.now()
  let next = 0
  const client = async () => {
    const connection = await daemon.client()
    for (let index = next++; index < count; index = next++) {
      const start = performance.now()
      await connection.call('server.create', { name: `${prefix}-${index}`, flavor: 'm1.tiny', configDrive: false, nic: 'none' })
      taken.push(performance.now() - start)
    }
    connection.close()
  }
  await Promise.all(Array.from({ length: clients }, client))
  const seconds = (performance.now() - began) / 1000
  return { ...percentiles(taken), perSecond: count / seconds, cpuSeconds: (cpuOf(daemon.pid) - before) / count }
}

/** One call at a time, in turns with the echo of a bare server that is a process of its own too. */
async function benchRoundTrips(daemon: Daemon, directory: string): Promise<Row[]> {
  const socket = path.join(directory, 'echo.sock')
  const program = `require('node:net').createServer((s) => s.pipe(s)).listen(${JSON.stringify(socket)})`
  const echo = spawn(process.execPath, ['-e', program], { stdio: 'ignore' })
  try {
    const bare = await eventually('the echo server', () => echoClient(socket))
    const client = await daemon.client()
    const ours: number[] = []
    const theirs: number[] = []
    for (let turn = 0; turn < 2_000; turn++) {
      ours.push(await timed(() => client.call('ping', {})))
      theirs.push(await timed(() => bare('{"jsonrpc":"2.0","id":1,"method":"ping","params":{}}\n')))
    }
    client.close()
    const [value, comparison] = [percentiles(ours).p50, percentiles(theirs).p50]
    return [
      {
        work: 'RPC round trip on the socket',
        value,
        unit: 'ms p50',
        comparedWith: 'bare node:net echo',
        comparison,
        ratio: value / comparison,
        budget: '',
        met: true,
      },
    ]
  } finally {
    echo.kill('SIGKILL')
  }
}

function echoClient(file: string): Promise<((text: string) => Promise<void>) | undefined> {
  return new Promise((resolve) => {
    const socket = connect(file)
    socket.once('error', () => resolve(undefined))
    socket.once('connect', () =>
      resolve(
        (text) =>
          new Promise((done) => {
            socket.once('data', () => done())
            socket.write(text)
          }),
      ),
    )
  })
}

async function benchRecords(state: string, count: number): Promise<Row[]> {
  await fill(state, count)
  const began = performance.now()
  const daemon = await aDaemon(state)
  const started = performance.now() - began
  const client = await daemon.client()
  const first = await timed(() => client.call('server.list', { limit: 20 }))
  const named = `${count.toLocaleString('en')} servers`
  const rows = [
    row(`start of the daemon until it answers, ${named}`, started, 'ms'),
    row(`its first list of 20, ${named}`, first, 'ms'),
  ]
  const lists: number[] = []
  for (let turn = 0; turn < 30; turn++) lists.push(await timed(() => listOf1000(client)))
  const { p50 } = percentiles(lists)
  rows.push(row(`list of 1,000 of ${named} with details`, p50, 'ms p50', '≤ 30 ms', p50 <= 30))
  const rss = rssOf(daemon.pid) / mebibyte
  rows.push(
    count > 10_000
      ? row(`resident memory of the daemon, ${named}`, rss, 'MiB')
      : row(`resident memory of the daemon, ${named}`, rss, 'MiB', '≤ 250 MiB', rss <= 250),
  )
  client.close()
  await end(daemon)
  return rows
}

const listOf1000 = (client: OpenClient) => client.call('server.list', { limit: 1000 })

async function fill(directory: string, count: number): Promise<void> {
  const store = openJsonStore({ directory, fs: systemFs, clock: systemClock })
  await seedStore(store, systemClock)
  const authorship = { actor: 'bench', request: 'req-1', action: 'server.create' }
  for (let from = 0; from < count; from += 500)
    await store.transaction(authorship, async (tx) => {
      for (let index = from; index < Math.min(count, from + 500); index++)
        await tx.insert('servers', aServer({ id: systemRandom.uuid(), name: `web-${index}`, projectId: 'default' }))
    })
  await store.compact({ force: true })
  await store.close()
}

async function end(daemon: Daemon): Promise<void> {
  daemon.kill('SIGTERM')
  await daemon.ended
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now()
  await work()
  return performance.now() - began
}

function percentiles(values: readonly number[]): { p50: number; p99: number } {
  const sorted = values.toSorted((a, b) => a - b)
  return { p50: sorted[Math.floor(sorted.length / 2)] ?? 0, p99: sorted[Math.floor(sorted.length * 0.99)] ?? 0 }
}

/** User and system seconds of a process; the kernel counts in hundredths. */
function cpuOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) / 100
}

function rssOf(pid: number): number {
  const [, kb] = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
  return Number(kb) * 1024
}

if (process.argv[1] === import.meta.filename)
  for (const measured of await benchDaemon()) process.stdout.write(`${JSON.stringify(measured)}\n`)
