/** R19: an ssh conversation that is cut at every byte, and servers that misbehave in every way that one can think of. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Fault } from '../../../src/core/fault.ts'
import { knownHosts } from '../../../src/hosts/known-hosts-files.ts'
import { type SshHost, sshHost } from '../../../src/hosts/ssh.ts'
import { fakeSshd } from '../../support/fake-sshd.ts'
import { realTime } from '../../support/host-directory.ts'
import { type Rig, startRig } from '../../support/rig/rig.ts'
import { type WireProxy, wireProxy } from '../../support/wire-proxy.ts'
import type { Row, Scene, Trial } from '../runner/row.ts'
import { greetings, impostor, servers } from '../ssh-servers.ts'

/** For servers that misbehave: the whole of it passes. */
const deadlineMs = 3000
const connectMs = 2000
/** For cut conversations, which end by themselves however busy the machine is. */
const patienceMs = 30_000
const mebibyte = 1024 ** 2
/** What one conversation may take of memory for good. */
const mostGrowth = 96 * mebibyte

/** A real server behind a proxy, with a file that commands append to. */
interface Line {
  readonly root: string
  readonly wire: WireProxy
  /** Lines that commands have appended on the host. */
  effects(): number
  connected(port?: number, knownHostsLine?: string): SshHost
  /** The same with time for a machine that is busy. */
  patient(): SshHost
}

/** Three commands: one that changes something, one that is fed, one that only answers. */
async function talk(host: SshHost): Promise<string> {
  await host.run(['sh', '-c', 'echo x >>/var/lib/nova/effects'], { deadlineMs: patienceMs })
  await host.run(['cat'], { stdin: 'some words', deadlineMs: patienceMs })
  return (await host.run(['echo', 'done'], { deadlineMs: patienceMs, effect: 'read' })).stdout
}

const kindOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'done',
    (error: unknown) => (error instanceof Fault ? error.kind : String(error)),
  )

/** The kind of an ending within the deadline and a second, and what is wrong with it. */
async function ending(work: Promise<unknown>, allowed: readonly string[], limitMs: number): Promise<string[]> {
  const began = performance.now()
  const kind = await kindOf(work)
  const ms = Math.round(performance.now() - began)
  return [
    ...(allowed.includes(kind) ? [] : [`SAFE ended as ${kind}, not as ${allowed.join(' or ')}`]),
    ...(ms > limitMs + 1000 ? [`LIVE took ${ms} ms, ${limitMs} were allowed`] : []),
  ]
}

async function isCut(line: Line, cut: (bytes: number) => void, bytes: number, trial: Trial): Promise<void> {
  const host = line.patient()
  const before = line.effects()
  cut(bytes)
  const findings = await ending(talk(host), ['done', 'unreachable'], patienceMs)
  line.wire.cutAfter(Number.POSITIVE_INFINITY)
  line.wire.cutAfterSent(Number.POSITIVE_INFINITY)
  const changed = line.effects() - before
  if (changed > 1) findings.push(`IDEM one command had ${changed} effects`)
  // The same host object: a pool that gives a dead connection away would fail here.
  if ((await kindOf(talk(host))) !== 'done') findings.push('LIVE the next conversation fails')
  await host.close()
  trial.fired()
  trial.checked(2)
  trial.judge(['SAFE', 'LIVE', 'IDEM'], findings)
}

/** A conversation with one that misbehaves: told by kind, in time, and with bounded memory. */
async function judged(host: SshHost, kinds: readonly string[], trial: Trial, withinMs = deadlineMs): Promise<void> {
  const before = process.memoryUsage().rss
  const findings = await ending(host.run(['true'], { deadlineMs: withinMs }), kinds, withinMs + connectMs)
  const growth = process.memoryUsage().rss - before
  await host.close()
  if (growth > mostGrowth) findings.push(`SAFE the memory grew by ${Math.round(growth / mebibyte)} MiB`)
  trial.fired()
  trial.checked()
  trial.judge(['SAFE', 'LIVE'], findings)
}

type Experiment = (line: Line, trial: Trial) => Promise<void>

const misbehaviours: readonly (readonly [string, Experiment])[] = [
  ...Object.entries(greetings).map(
    ([name, greet]) =>
      [
        `a server that sends ${name}`,
        async (line: Line, trial: Trial) => {
          const server = await impostor(greet)
          await judged(line.connected(server.port), ['unreachable', 'timeout'], trial).finally(server.close)
        },
      ] as const,
  ),
  ...Object.entries(servers).map(
    ([name, { options, kinds }]) =>
      [
        `a server that ${name}`,
        async (line: Line, trial: Trial) => {
          const server = await fakeSshd(options)
          await judged(line.connected(server.port, server.key), kinds, trial).finally(server.close)
        },
      ] as const,
  ),
  [
    'a server with another key',
    async (line, trial) => {
      const [known, other] = [await fakeSshd(), await fakeSshd()]
      await judged(line.connected(other.port, known.key), ['forbidden', 'unauthenticated', 'conflict'], trial)
      await Promise.all([known.close(), other.close()])
    },
  ],
  [
    'packets that vanish for ten deadlines',
    async (line, trial) => {
      const host = line.connected()
      await host.run(['true'], { deadlineMs: patienceMs })
      line.wire.blackhole(true)
      for (let turn = 0; turn < 10; turn += 1)
        trial.judge(
          ['LIVE', 'SAFE'],
          await ending(host.run(['true'], { deadlineMs: 300 }), ['timeout', 'unreachable'], 300 + connectMs),
        )
      line.wire.blackhole(false)
      await judged(host, ['done', 'unreachable', 'timeout'], trial)
    },
  ],
  [
    'bytes that come one by one',
    async (line, trial) => {
      line.wire.delay(20)
      await judged(line.patient(), ['done'], trial, patienceMs).finally(() => line.wire.delay(0))
    },
  ],
]

async function lineTo(rig: Rig): Promise<Line & { close(): Promise<void> }> {
  const root = mkdtempSync(join(tmpdir(), 'nk-'))
  const wire = await wireProxy(rig.host(1).address, 22)
  const [, type = '', key = ''] = rig.host(1).knownHostsLine.split(' ')
  let serial = 0
  const hostAt = (port: number, hostKey: string, connectWithinMs: number) => {
    const own = join(root, `known-${++serial}`)
    writeFileSync(own, `[127.0.0.1]:${port} ${hostKey}\n`)
    return sshHost({
      name: 'hv1',
      address: `root@127.0.0.1:${port}`,
      identityFile: rig.identityFile,
      knownHosts: knownHosts({ files: [], own }),
      clock: realTime,
      configFile: join(root, 'none'),
      agentSocket: '',
      connectMs: connectWithinMs,
    })
  }
  return {
    root,
    wire,
    effects: () => readFileSync(join(rig.host(1).directory, 'lib-nova/effects'), 'utf8').length / 2,
    connected: (port = wire.port, hostKey = `${type} ${key}`) => hostAt(port, hostKey, connectMs),
    patient: () => hostAt(wire.port, `${type} ${key}`, patienceMs),
    async close() {
      await wire.close()
      rmSync(root, { recursive: true, force: true })
    },
  }
}

async function open(): Promise<Scene> {
  const rig = await startRig(1)
  const line = await lineTo(rig)
  writeFileSync(join(rig.host(1).directory, 'lib-nova/effects'), '')
  const first = line.patient()
  await talk(first)
  await first.close()
  const [received, sent] = [line.wire.passed(), line.wire.sent()]
  const cases = new Map<string, Experiment>(misbehaviours)
  for (let bytes = 0; bytes < received; bytes += 1)
    cases.set(`cut after ${bytes} bytes of the server`, (at, trial) => isCut(at, at.wire.cutAfter, bytes, trial))
  for (let bytes = 1; bytes < sent; bytes += 1)
    cases.set(`cut at byte ${bytes} of the client`, (at, trial) => isCut(at, at.wire.cutAfterSent, bytes, trial))
  return {
    cases: [...cases.keys()],
    run: async (name, trial) => cases.get(name)?.(line, trial),
    async close() {
      await line.close()
      await rig.down()
    },
  }
}

export const sshTransport: Row = {
  id: 'R19',
  title: 'an ssh conversation cut after every byte, and servers that misbehave',
  runs: { t1: 15, t2: 1000, t3: 'every' },
  floor: { fired: 1, checked: 1 },
  open,
}
