/** R24: hostile calls at the doors of a daemon, by three roles of two projects, and what must never come of them. */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { loadAction } from '../../../src/cli/load-action.ts'
import { rawConnection } from '../../support/a-daemon.ts'
import { aDoor, everyAction, type OpenDoors, type Reply } from '../../support/open-doors.ts'
import { hostileCall, type Random, rawBodies } from '../hostile-calls.ts'
import type { Row, Trial } from '../runner/row.ts'

/** Calls of one run. */
const callsPerRun = 250
const answerMs = 60_000
/** What each thousand calls may leave, at the least of three. */
const heapGrowthKb = 1024
const heapBytes = 300 * 1024 ** 2
/** Actions that wait, leave the machine, or take the records away from under the others. */
const leftOut = /^(server\.(wait|ssh|console-attach)|(doctor|host|import|db|manage|periodic|queue|webhook|image)\.)/

interface World {
  readonly door: OpenDoors
  /** Of a reader and of a member of the project that attacks. */
  readonly tokens: readonly string[]
  /** Of an administrator who attacks. */
  readonly admin: string
  /** What only the other project may see. */
  readonly secrets: readonly string[]
  readonly names: readonly string[]
}

async function world(): Promise<World> {
  const door = await aDoor(['h1'])
  const victim = await door.token('ann', 'alpha', ['member'])
  const boot = { name: 'alpha-secret', flavor: 'm1.tiny', nic: 'none', configDrive: false }
  const made = Object((await door.call(victim, 'server.create', boot)).answer.result)
  await door.call(victim, 'server-group.create', { name: 'alpha-group', policy: 'affinity' })
  const reader = await door.token('rob', 'beta', ['reader'])
  const member = await door.token('bob', 'beta', ['member'])
  const own = Object((await door.call(member, 'server.create', { ...boot, name: 'beta-web' })).answer.result)
  const names = (await everyAction()).map(({ name }) => name).filter((name) => !leftOut.test(name))
  const secrets = [String(made.id), 'alpha-group'].filter((text) => text.length > 3)
  const admin = await door.token('eve', 'gamma', ['admin'])
  return { door, admin, tokens: [reader, member], secrets: [...secrets, String(own.id)], names }
}

/** What is wrong with an answer: a fault inside, a crash, or something of another project that the caller did not name. */
function findingsOf({ status, text }: Pick<Reply, 'status' | 'text'>, sent: string, secrets: readonly string[]): string[] {
  const about = `${sent.slice(0, 200)} → ${status} ${text.slice(0, 200)}`
  const leaked = secrets.filter((secret) => text.includes(secret) && !sent.includes(secret))
  return [
    ...(status === 500 || text.includes('"code":-32603') ? [`SAFE an internal fault: ${about}`] : []),
    ...leaked.map((secret) => `SEC ${secret} was shown: ${about}`),
  ]
}

async function within<T>(work: Promise<T>, what: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`LIVE no answer to ${what.slice(0, 200)}`)), answerMs)
  })
  return Promise.race([work, late]).finally(() => clearTimeout(timer))
}

function overHttps(there: World, random: Random): Promise<string[]> {
  return calls(there, { tokens: there.tokens, hidden: there.secrets.slice(0, 2), count: callsPerRun }, random)
}

/** Administrators see everything, so that nothing is hidden from them; they still break nothing. */
function asAdministrator(there: World, random: Random): Promise<string[]> {
  return calls(there, { tokens: [there.admin], hidden: [], count: callsPerRun }, random)
}

interface Attack {
  readonly tokens: readonly string[]
  /** What no answer may show. */
  readonly hidden: readonly string[]
  readonly count: number
}

async function calls({ door, secrets, names }: World, { tokens, hidden, count }: Attack, random: Random): Promise<string[]> {
  const [foreign = '', group = '', own = ''] = secrets
  const known = ['beta-web', own, foreign, 'alpha-secret', group, 'm1.tiny', 'nothing']
  const findings: string[] = []
  for (let index = 0; index < count; index++) {
    const action = await loadAction(names[Math.floor(random() * names.length)] ?? 'server.list')
    const sent = hostileCall(action, known, random)
    const token = tokens[Math.floor(random() * tokens.length)] ?? ''
    findings.push(...findingsOf(await within(door.post(token, sent), sent), sent, hidden))
  }
  return findings
}

/** A reader changes nothing, so that nothing of what it asks may stay in memory. */
async function heapStaysFlat(there: World, random: Random): Promise<string[]> {
  const attack = { tokens: there.tokens.slice(0, 1), hidden: there.secrets.slice(0, 2), count: 4 * callsPerRun }
  const findings = await calls(there, attack, random)
  const heaps: number[] = [heapNow(there)]
  for (let round = 0; round < 3; round += 1) {
    findings.push(...(await calls(there, attack, random)))
    heaps.push(heapNow(there))
  }
  const grown = Math.round((Math.min(...heaps.slice(1)) - (heaps[0] ?? 0)) / 1024)
  return grown > heapGrowthKb ? [...findings, `LIVE the heap grew by ${grown} KiB: ${heaps}`] : findings
}

/** Bytes of what is alive, without what the test keeps of the log. */
function heapNow({ door }: World): number {
  door.logged.length = 0
  setFlagsFromString('--expose-gc')
  const collect: unknown = runInNewContext('gc')
  if (typeof collect === 'function') for (let turn = 0; turn < 3; turn += 1) collect()
  return process.memoryUsage().heapUsed
}

async function rawOverHttps({ door, tokens, secrets }: World): Promise<string[]> {
  const findings: string[] = []
  for (const body of rawBodies) {
    // A body above the limit is refused before it has come in: the connection may be gone while it is sent.
    const reply = await within(door.post(tokens[1] ?? '', body), body).catch((error: Error) => {
      if (body.length > 1_000_000) return { status: 413, text: '' }
      throw error
    })
    if (reply.status >= 500) findings.push(`SAFE ${body.slice(0, 80)} → ${reply.status}`)
    findings.push(...findingsOf(reply, body, secrets.slice(0, 2)))
  }
  return findings
}

/** Everything at once on one connection, in pieces that end anywhere, and garbage between. */
async function overSocket({ door, names }: World, random: Random): Promise<string[]> {
  const raw = await rawConnection(`${door.state}/nova.sock`)
  const sent: string[] = []
  for (let index = 0; index < 60; index++) {
    const action = await loadAction(names[Math.floor(random() * names.length)] ?? 'server.list')
    const line = random() < 0.2 ? (rawBodies[Math.floor(random() * 8)] ?? '') : hostileCall(action, ['beta-web'], random)
    sent.push(line.replace('"params":{', '"params":{"$call":{"roles":["reader"],"projectId":"beta"},'))
  }
  const text = `${sent.join('\n')}\n{"jsonrpc":"2.0","id":"last","method":"ping"}\n`
  for (let from = 0; from < text.length; ) {
    const to = from + 1 + Math.floor(random() * 5000)
    raw.send(text.slice(from, to))
    from = to
  }
  const findings: string[] = []
  for (;;) {
    const answer = JSON.stringify(await within(raw.next(), 'a pipeline'))
    findings.push(...findingsOf({ status: 200, text: answer }, '(pipeline)', []))
    if (answer.includes('"pong"')) break
  }
  raw.socket.destroy()
  return findings
}

const experiments = new Map<string, (world: World, random: Random) => Promise<string[]>>([
  ['calls made from the declarations, over HTTPS', overHttps],
  ['calls by an administrator', asAdministrator],
  ['the heap after thousands by a reader, which change nothing', heapStaysFlat],
  ['bodies that are no calls', rawOverHttps],
  ['a pipeline of both on the socket', overSocket],
])

async function judge(there: World, name: string, trial: Trial): Promise<void> {
  const work = experiments.get(name)
  if (!work) throw new Error(`no case ${name}`)
  const findings = await work(there, trial.random).catch((error: Error) => [error.message])
  const alive = await there.door.call(there.tokens[1] ?? '', 'ping').catch(() => undefined)
  if (alive?.answer.result !== 'pong') findings.push('LIVE the door does not answer any more')
  const { heapUsed } = process.memoryUsage()
  if (heapUsed > heapBytes) findings.push(`LIVE the heap has ${heapUsed} bytes`)
  trial.fired(name.startsWith('bodies') ? rawBodies.length : 60)
  trial.checked(name.startsWith('calls') ? callsPerRun : 20)
  trial.judge(['SAFE', 'SEC', 'LIVE'], findings)
}

export const fuzzDoors: Row = {
  id: 'R24',
  title: 'hostile calls at every door, by roles of two projects',
  runs: { t1: 5, t2: 60, t3: 2000 },
  floor: { fired: 20, checked: 20 },
  async open() {
    const there = await world()
    return {
      cases: [...experiments.keys()],
      run: (name, trial) => judge(there, name, trial),
      close: () => there.door.close(),
    }
  },
}
