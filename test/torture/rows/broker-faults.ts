/** R16: a broker dies, stops, raises alarms; members of a cluster die and lose each other, while requests go on. */
import { setTimeout as sleep } from 'node:timers/promises'
import { openRabbitBus, type RabbitBus } from '../../../src/bus/rabbitmq.ts'
import { asFault } from '../../../src/core/fault.ts'
import { systemClock as clock } from '../../../src/system/clock.ts'
import { systemFs as fs } from '../../../src/system/fs.ts'
import { systemRandom as random } from '../../../src/system/random.ts'
import { eventually } from '../../support/eventually.ts'
import { type RabbitMq, rabbitObstacle, startRabbitMq } from '../../support/rabbitmq.ts'
import type { Row, Trial } from '../runner/row.ts'

/** Requests go out so often, so long, and each has so long; what is blocked is told sooner. */
const [everyMs, requests, deadlineMs] = [50, 120, 90_000]
const againMs = 60_000
const cookie = 'NOVAKITTEST'

type Members = readonly RabbitMq[]

/** Makes a fault and undoes it. */
type Strike = (members: Members, random: () => number) => Promise<void>
const pick = (members: Members, roll: number): RabbitMq => {
  const member = members[Math.floor(roll * members.length)]
  if (member) return member
  throw new Error('there is no broker')
}
const alarm =
  (words: readonly [string, string], back: string): Strike =>
  async (members, roll) => {
    const member = pick(members, roll())
    member.control(...words)
    await sleep(2000 + roll() * 2000)
    member.control(words[0], back)
  }
const kill: Strike = async (members, roll) => {
  const member = pick(members, roll())
  await member.kill9()
  await sleep(roll() * 1500)
  await member.start()
}
const stopApp: Strike = async (members, roll) => {
  const member = pick(members, roll())
  member.control('stop_app')
  await sleep(roll() * 1500)
  member.control('start_app')
}
/** Two of which one does not know the other's cookie cannot connect: no packet filter is needed. */
const setBond = (here: RabbitMq, there: RabbitMq, isWhole: boolean) =>
  here.control(
    'eval',
    `erlang:set_cookie('${there.node}', '${isWhole ? cookie : 'NOBODY'}'), erlang:disconnect_node('${there.node}').`,
  )
const partition: Strike = async (members, roll) => {
  const lonely = pick(members, roll())
  const others = members.filter((member) => member !== lonely)
  try {
    for (const other of others) setBond(lonely, other, false)
    await eventually('it is alone', async () => lonely.control('eval', 'nodes().').trim() === '[]')
    await sleep(4000 + roll() * 3000)
  } finally {
    for (const other of others) {
      setBond(lonely, other, true)
      other.control('eval', `net_adm:ping('${lonely.node}').`)
    }
  }
}

const one: ReadonlyMap<string, Strike> = new Map([
  ['the broker is killed', kill],
  ['the broker is stopped and started', stopApp],
  ['the broker has no memory left', alarm(['set_vm_memory_high_watermark', '0.0001'], '0.6')],
  ['the broker has no disk left', alarm(['set_disk_free_limit', '900000GB'], '50MB')],
])
const three: ReadonlyMap<string, Strike> = new Map([
  ['one of three brokers is killed', kill],
  ['one of three brokers is stopped and started', stopApp],
  ['one of three brokers loses the others', partition],
  ['one of three brokers has no disk left', alarm(['set_disk_free_limit', '900000GB'], '50MB')],
])

interface Tally {
  /** Effects by request. */
  readonly effects: Map<string, number>
  readonly answered: Set<string>
  readonly failed: Map<string, string>
}

/** Two processes' buses, at different members where there are some. */
async function experiment(members: Members, strike: Strike, trial: Trial): Promise<void> {
  const open = (at: number) => openRabbitBus({ url: pick(members, at).url, clock, random, fs })
  const [asking, working] = await Promise.all([open(0), open(0.99)])
  const topic = `compute.t${trial.seed}-${random.uuid().slice(0, 8)}`
  const tally: Tally = { effects: new Map(), answered: new Set(), failed: new Map() }
  working.serve(topic, async ({ args }) => {
    const id = String(args)
    tally.effects.set(id, (tally.effects.get(id) ?? 0) + 1)
    return id
  })
  try {
    await ready(asking, topic)
    await eventually('the queue is on the disk', async () => members.some((member) => kept(member, topic)))
    const asked = ask(asking, topic, tally)
    await sleep(500)
    const struck = performance.now()
    await strike(members, trial.random)
    trial.fired()
    await asked
    await ready(asking, topic)
    const back = performance.now() - struck
    trial.checked(tally.answered.size)
    trial.judge(['ACK', 'IDEM', 'LIVE', 'SAFE'], findingsOf(tally, back, working))
  } finally {
    await Promise.all([asking.close(), working.close()])
  }
}

const kept = (member: RabbitMq, topic: string): boolean => {
  try {
    return member.keeps(topic)
  } catch {
    return false
  }
}

const ready = (bus: RabbitBus, topic: string) =>
  eventually(
    `${topic} is served`,
    () => bus.request(topic, { method: 'hello', args: 'hello' }, { deadlineMs: 20_000 }).then(Boolean, () => false),
    againMs,
  )

/** All requests at their times, until each has its answer or its fault. */
async function ask(bus: RabbitBus, topic: string, { answered, failed }: Tally): Promise<void> {
  const ends: Promise<unknown>[] = []
  for (let index = 0; index < requests; index += 1) {
    const id = `r${index}`
    const asked = bus.request(topic, { method: 'go', args: id }, { deadlineMs })
    ends.push(
      asked.then(
        (answer) => (answer === id ? answered.add(id) : failed.set(id, `the answer of ${String(answer)}`)),
        (error: unknown) => failed.set(id, `${asFault(error).kind}: ${asFault(error).message}`),
      ),
    )
    await sleep(everyMs)
  }
  await Promise.all(ends)
}

function findingsOf({ effects, answered, failed }: Tally, backMs: number, bus: RabbitBus): string[] {
  const doubled = [...effects].filter(([id, count]) => id !== 'hello' && count > 1)
  return [
    ...doubled.map(([id, count]) => `IDEM ${id} had ${count} effects`),
    ...[...answered].filter((id) => !effects.has(id)).map((id) => `ACK ${id} was answered without an effect`),
    ...[...failed].filter(([, why]) => !/^(timeout|unreachable)/.test(why)).map(([id, why]) => `SAFE ${id}: ${why}`),
    ...[...failed]
      .filter(([id]) => effects.has(id))
      .map(([id, why]) => `ACK ${id} had its effect and no answer within ${deadlineMs} ms: ${why}`),
    ...(answered.size === 0 ? [`LIVE nothing was answered; ${[...failed.values()][0]}`] : []),
    ...(backMs > againMs + deadlineMs ? [`LIVE back after ${backMs} ms`] : []),
    ...(bus.counts.unreadable > 0 ? [`SAFE ${bus.counts.unreadable} messages could not be read`] : []),
  ]
}

export const brokerFaults: Row = {
  id: 'R16',
  title: 'brokers die, stop, run full and lose each other while requests go on',
  runs: { t1: 1, t2: 16, t3: 200 },
  floor: { fired: 1, checked: 20 },
  async open() {
    const cases = new Map(rabbitObstacle() ? [] : [...one, ...three])
    const alone: RabbitMq[] = []
    const cluster: RabbitMq[] = []
    return {
      cases: [...cases.keys()],
      async run(name, trial) {
        const strike = cases.get(name)
        if (!strike) throw new Error(`no case ${name}`)
        const members = three.has(name) ? cluster : alone
        while (members.length < (three.has(name) ? 3 : 1)) members.push(await startRabbitMq(members[0]))
        await experiment(members, strike, trial)
      },
      close: async () => {
        for (const member of [...alone, ...cluster].reverse()) await member.close()
      },
    }
  },
}
