/** R27: ten times what a daemon can do, connections that say nothing and readers that read nothing; and what it then still owes. */
import { readFileSync } from 'node:fs'
import { Agent, request } from 'node:https'
import { setTimeout as sleep } from 'node:timers/promises'
import type { OpenClient } from '../../../src/api/socket-client.ts'
import { asFault } from '../../../src/core/fault.ts'
import { type Raw, rawConnection } from '../../support/a-daemon.ts'
import { type HttpsDaemon, httpsDaemon } from '../../support/https-daemon.ts'
import type { Row, Trial } from '../runner/row.ts'

/** Calls that run and wait at the most: at any time the flood has ten times as many tenants. */
const capacity = { rpcMaxRunning: 4, rpcMaxWaiting: 8, rpcMaxConnections: 2000 }
const tenants = 10 * (capacity.rpcMaxRunning + capacity.rpcMaxWaiting)
const floodMs = 6_000
/** The answer says when to come again: these come ten times sooner. */
const impatienceMs = 100
/** Half of an administrator's calls take less, and none takes the other. */
const [halfMs, worstMs] = [1_000, 15_000]
const recoveryMs = 30_000
const idleConnections = 500
const slowReaders = 50
/** Above what the daemon has at rest: nothing of a flood stays. */
const growthMb = 250

interface Tally {
  readonly built: string[]
  refused: number
  readonly findings: string[]
}

const boot = (name: string) => ({ name, flavor: 'm1.tiny', nic: 'none', configDrive: false })

interface Answer {
  readonly status: number
  readonly retryAfter: number
  readonly text: string
}

function post({ url, authority }: HttpsDaemon, agent: Agent, token: string, params: object): Promise<Answer> {
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'server.create', params })
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
  return new Promise((resolve, reject) => {
    const sent = request(new URL('/rpc', url), { method: 'POST', agent, ca: authority, headers }, (response) => {
      let text = ''
      response.on('data', (part) => {
        text += String(part)
      })
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, retryAfter: Number(response.headers['retry-after']), text }),
      )
    })
    sent.on('error', reject)
    sent.end(body)
  })
}

/** One tenant that boots again whatever the answer was. */
async function boots(door: HttpsDaemon, agent: Agent, token: string, index: number, until: number, tally: Tally): Promise<void> {
  for (let turn = 0; performance.now() < until; turn++) {
    const name = `s-${index}-${turn}`
    const { status, retryAfter, text } = await post(door, agent, token, boot(name))
    if (status === 200) tally.built.push(name)
    else if (status === 503 && retryAfter > 0) {
      tally.refused += 1
      await sleep(impatienceMs)
    } else tally.findings.push(`SAFE ${status} ${text.slice(0, 200)}`)
  }
}

/** Connections that cost something and say nothing useful. */
async function burdens({ daemon }: HttpsDaemon): Promise<Raw[]> {
  const all = await Promise.all(Array.from({ length: idleConnections + slowReaders }, () => rawConnection(daemon.socket)))
  for (const raw of all.slice(idleConnections)) {
    raw.socket.pause()
    for (let call = 0; call < 100; call++) raw.send(`{"jsonrpc":"2.0","id":${call},"method":"rpc.discover","params":{}}\n`)
  }
  return all
}

/** How long an administrator waits meanwhile, in milliseconds, sorted. */
async function administrates(client: OpenClient, until: number, tally: Tally): Promise<number[]> {
  const took: number[] = []
  while (performance.now() < until) {
    const began = performance.now()
    await client
      .call('host.list', {})
      .catch((error: unknown) => tally.findings.push(`LIVE an administrator: ${asFault(error).message}`))
    took.push(performance.now() - began)
    await sleep(100)
  }
  return took.sort((a, b) => a - b)
}

async function experiment(name: string, trial: Trial): Promise<void> {
  const door = await httpsDaemon(capacity)
  const agent = new Agent({ keepAlive: true })
  const raws: Raw[] = []
  const tally: Tally = { built: [], refused: 0, findings: [] }
  const admin = door.client(await door.token('ada', { project: 'ops', role: 'admin' }))
  try {
    door.world.misbehave([{ call: 'spawn', mode: 'slow', ms: 50 }])
    for (const project of ['alpha', 'beta']) await admin.call('quota.set', { project, instances: -1, cores: -1, ram: -1 })
    const tokens = [await door.token('ann', { project: 'alpha' }), await door.token('bob', { project: 'beta' })]
    const atRest = residentMb(door.daemon.pid)
    if (name.includes('slow readers')) raws.push(...(await burdens(door)))
    const until = performance.now() + floodMs
    const flood = Array.from({ length: tenants }, (_, at) => boots(door, agent, tokens[at % 2] ?? '', at, until, tally))
    const took = await administrates(admin, until, tally)
    await Promise.all(flood)
    const [half = 0, worst = 0] = [took[took.length >> 1], took.at(-1)]
    if (half > halfMs || worst > worstMs)
      tally.findings.push(`LIVE an administrator waited ${half} ms in half the calls, ${worst} at most`)
    const began = performance.now()
    const calm = await post(door, agent, tokens[0] ?? '', boot('after'))
    if (calm.status !== 200 || performance.now() - began > recoveryMs)
      tally.findings.push(`LIVE not back to normal: ${calm.text}`)
    const grown = residentMb(door.daemon.pid) - atRest
    if (grown > growthMb) tally.findings.push(`LIVE the daemon has ${grown} MB more than at rest`)
    if (tally.refused === 0) tally.findings.push('LIVE nothing was refused: the line has no end')
    trial.fired(tally.refused)
    trial.checked(tally.built.length + took.length)
    trial.judge(
      ['ACK', 'LIVE', 'SAFE', 'FLOW', 'RES', 'HOST'],
      [...tally.findings, ...(await lost(door, [...tally.built, 'after'])), ...(await door.world.recordFindings())],
    )
  } finally {
    for (const raw of raws) raw.socket.destroy()
    agent.destroy()
    admin.close()
    await door.close()
  }
}

const residentMb = (pid: number) => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024

/** Servers that were acknowledged and are not there, active; and those that nobody was told of. */
async function lost({ world }: HttpsDaemon, built: readonly string[]): Promise<string[]> {
  const servers = await world.liveServers()
  const active = new Set(servers.filter(({ vmState }) => vmState === 'active').map(({ name }) => name))
  const told = new Set(built)
  return [
    ...built.filter((name) => !active.has(name)).map((name) => `ACK ${name} was acknowledged and is not there`),
    ...servers.filter(({ name }) => !told.has(name)).map(({ name }) => `ACK ${name} was refused and is there`),
  ]
}

export const overload: Row = {
  id: 'R27',
  title: 'ten times what a daemon can do, idle connections, readers that do not read',
  runs: { t1: 1, t2: 6, t3: 60 },
  floor: { fired: 20, checked: 20 },
  open: async () => ({
    cases: ['a flood of boots', 'a flood of boots beside idle connections and slow readers'],
    run: experiment,
    close: async () => undefined,
  }),
}
