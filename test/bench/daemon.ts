/**
 * The daemon of the built program over its socket: boots on the fake driver by 1, 10 and 100 clients, lists, round trips against a
 * bare echo, memory and start-up over many records. Records are on the disk, the files of the fake hypervisor in memory.
 */
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import os from 'node:os'
import path from 'node:path'
import type { OpenClient } from '../../src/api/socket-client.ts'
import { aDaemon, type Daemon } from '../support/a-daemon.ts'
import { eventually } from '../support/eventually.ts'
import { bootRows, percentiles } from './boots-of-clients.ts'
import { fillServers } from './many-servers.ts'
import { cpuOf, memoryOf } from './process-usage.ts'
import { plainRow, type Row } from './row.ts'

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

async function benchBoots(state: string, hypervisor: string): Promise<Row[]> {
  await fillServers(state, 0, { compact: true })
  writeFileSync(path.join(state, 'settings.json'), JSON.stringify({ maxInstancesPerHost: 100_000, maxIoOpsPerHost: 100_000 }))
  const daemon = await aDaemon(state)
  const admin = await daemon.client()
  for (let index = 0; index < hosts; index++) {
    const instancesPath = path.join(hypervisor, `h${index}`)
    await admin.call('host.add', { name: `h${index}`, driver: 'fake', instancesPath })
  }
  await admin.call('quota.set', { project: 'default', instances: -1, cores: -1, ram: -1 })
  const rows: Row[] = [...(await benchRoundTrips(daemon, state))]
  rows.push(
    ...(await bootRows({
      what: 'through the daemon',
      loads: [
        [1, 100],
        [10, 600],
        [100, 1500],
      ],
      perSecond: 300,
      p50: 15,
      connect: () => daemon.client(),
      cpu: () => cpuOf(daemon.pid),
    })),
  )
  await end(daemon)
  return rows
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
  await fillServers(state, count, { compact: true })
  const began = performance.now()
  const daemon = await aDaemon(state)
  const started = performance.now() - began
  const client = await daemon.client()
  const first = await timed(() => client.call('server.list', { limit: 20 }))
  const named = `${count.toLocaleString('en')} servers`
  const rows = [
    plainRow(`start of the daemon until it answers, ${named}`, started, 'ms'),
    plainRow(`its first list of 20, ${named}`, first, 'ms'),
  ]
  const lists: number[] = []
  for (let turn = 0; turn < 30; turn++) lists.push(await timed(() => listOf1000(client)))
  const { p50 } = percentiles(lists)
  rows.push(plainRow(`list of 1,000 of ${named} with details`, p50, 'ms p50', '≤ 30 ms', p50 <= 30))
  const rss = memoryOf(daemon.pid).now / mebibyte
  rows.push(
    count > 10_000
      ? plainRow(`resident memory of the daemon, ${named}`, rss, 'MiB')
      : plainRow(`resident memory of the daemon, ${named}`, rss, 'MiB', '≤ 250 MiB', rss <= 250),
  )
  client.close()
  await end(daemon)
  return rows
}

const listOf1000 = (client: OpenClient) => client.call('server.list', { limit: 1000 })

async function end(daemon: Daemon): Promise<void> {
  daemon.kill('SIGTERM')
  await daemon.ended
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now()
  await work()
  return performance.now() - began
}

if (process.argv[1] === import.meta.filename)
  for (const measured of await benchDaemon()) process.stdout.write(`${JSON.stringify(measured)}\n`)
