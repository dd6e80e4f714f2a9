/** The cloud of several processes: an api, two conductors and a worker for each host talk over a broker. */
import type { Bus, Serve } from '../../../src/bus/bus.ts'
import type { RabbitBus } from '../../../src/bus/rabbitmq.ts'
import { wireVersion } from '../../../src/bus/rabbitmq-wire.ts'
import { conductor, conductorTopic, flowsByBus } from '../../../src/main/roles.ts'
import { sweeper } from '../../../src/main/sweeper.ts'
import { type AgentOf, aCloud } from '../../support/a-cloud.ts'
import type { TestContext } from '../../support/a-context.ts'
import { hostNames, type MessageCloud, type World } from './message-cloud.ts'

/** Opens and ends the connections of processes. */
export interface Broker {
  open(name: string, options?: { readonly version?: number }): Promise<RabbitBus>
  /** The process is dead. */
  kill(name: string): Promise<void>
  /** It lives and loses its connection; undefined where that cannot be done. */
  readonly cut: ((name: string) => Promise<void>) | undefined
  /** Resolves when so many serve the topic, and its messages meet their fates. */
  served(topic: string, consumers: number): Promise<void>
  /** Answers that arrived at somebody who lives; undefined when some may have been on a connection that broke. */
  answersTo(name: string): number | undefined
  isQuiet?(): boolean
}

export interface BrokerOptions extends World {
  readonly broker: Broker
  /** Everybody sends the newest version; then a worker of the version before understands nothing. */
  readonly speaksNewest: boolean
}

const [everyMs, apiPid, peaceMs] = [2000, 20, 60_000]

export async function brokerCloud(options: BrokerOptions): Promise<MessageCloud> {
  const { broker, effects, fates, clock, random, deadlineMs, around, speaksNewest } = options
  const buses = new Map<number, { readonly name: string; readonly bus: Bus }>()
  /** Those that live. */
  const all = new Map<string, RabbitBus>()
  let agents: AgentOf | undefined
  const busOf = (pid: number, agentOf: AgentOf) => {
    agents = agentOf
    const own = buses.get(pid)
    if (own) return effects.asking(own.name, own.bus)
    // The cloud's own first process, which asks nobody.
    return {
      request: async () => null,
      serve: () => () => undefined,
      counts: { repeated: 0, unreadable: 0, late: 0 },
      close: async () => undefined,
    }
  }
  const cloud = await aCloud(hostNames, { clock, random, deadlineMs, around, busOf })
  let count = 0
  const opened = async (kind: string, version?: number) => {
    count += 1
    const name = `${kind}-${count}`
    const bus = await broker.open(name, version === undefined ? {} : { version })
    if (speaksNewest) bus.speak?.(wireVersion)
    all.set(name, bus)
    return { name, bus, pid: 100 + count }
  }

  const workers = new Map<string, { readonly name: string; readonly isOld: boolean }>()
  const old = new Set<string>()
  async function work(host: string, isOld = false): Promise<void> {
    const topic = `compute.${host}`
    const { name, bus } = await opened(`worker of ${host}`, isOld ? wireVersion - 1 : undefined)
    const agent = await agents?.(topic)
    if (!agent) throw new Error(`nobody knows ${host}`)
    bus.serve(topic, effects.working(name, agent))
    workers.set(host, { name, isOld })
    if (isOld && speaksNewest) old.add(name)
    await broker.served(topic, 1)
  }

  interface Conducting {
    readonly name: string
    readonly pid: number
    readonly mortal: { effects: number }
    stop(): void
  }
  const conductors: Conducting[] = []
  async function conduct(): Promise<void> {
    const { name, bus, pid } = await opened('conductor')
    buses.set(pid, { name, bus })
    const mortal = { effects: Number.POSITIVE_INFINITY }
    const context = cloud.process(pid, { mortal })
    const core = { flows: () => context.flows, ledger: { running: new Map(), stopping: undefined } }
    const leader = { isLeader: () => conductors[0]?.pid === pid }
    const { stop } = sweeper({ core, leader, isConductor: true, everyMs, clock, note: () => undefined })
    const serve: Serve = conductor(core)
    bus.serve(conductorTopic, effects.working(name, serve))
    conductors.push({ name, pid, mortal, stop })
    await broker.served(conductorTopic, conductors.length)
  }

  for (const host of hostNames) await work(host)
  for (let each = 0; each < 2; each += 1) await conduct()
  const api = await opened('api')
  buses.set(apiPid, api)
  const caller: TestContext = cloud.process(apiPid, { elsewhere: flowsByBus(effects.asking(api.name, api.bus)) })

  let calls = 0
  async function kill(name: string): Promise<void> {
    all.delete(name)
    await broker.kill(name)
  }

  async function replaceWorker(host: string, isOld: boolean): Promise<string> {
    const worker = workers.get(host)
    if (worker) await kill(worker.name)
    await work(host, isOld)
    return isOld ? 'an older worker takes over' : 'a worker dies'
  }
  async function replaceConductor(): Promise<string> {
    const dying = conductors.shift()
    if (dying) {
      dying.mortal.effects = -1
      cloud.dead.add(dying.pid)
      dying.stop()
      await kill(dying.name)
    }
    await conduct()
    return 'a conductor dies'
  }

  return {
    cloud,
    caller: () => {
      calls += 1
      return { ...caller, requestId: `req-${apiPid}-${calls}` }
    },
    async disturb(roll) {
      const host = hostNames[Math.floor(roll() * hostNames.length)] ?? ''
      const kind = roll()
      if (kind < 0.25) return replaceWorker(host, false)
      if (kind < 0.4) return replaceWorker(host, true)
      if (kind < 0.55) return replaceConductor()
      if (kind > 0.75 || !broker.cut) return undefined
      await broker.cut(kind < 0.65 ? api.name : (workers.get(host)?.name ?? ''))
      return 'a connection breaks'
    },
    async heal() {
      fates.heal()
      for (const [host, { isOld }] of workers) if (isOld) await replaceWorker(host, false)
    },
    async recoverer() {
      for (const { stop } of conductors) stop()
      const { name, bus, pid } = await opened('recoverer')
      // A machine with much to do is no fault any more.
      const request: Bus['request'] = (topic, message, asked) =>
        bus.request(topic, message, { ...asked, deadlineMs: Math.max(peaceMs, asked.deadlineMs) })
      buses.set(pid, { name, bus: { ...bus, request } })
      return cloud.process(pid)
    },
    isQuiet: () => broker.isQuiet?.() ?? false,
    late: () => {
      const known = [...all].flatMap(([name, { counts }]) => {
        const arrived = broker.answersTo(name)
        return arrived === undefined ? [] : { counted: counts.late, expected: arrived - effects.answeredTo(name) }
      })
      const sum = (what: 'counted' | 'expected') => known.reduce((total, each) => total + each[what], 0)
      return { counted: sum('counted'), expected: sum('expected') }
    },
    findings: () => [
      ...[...old]
        .filter((name) => effects.by(name) > 0)
        .map((name) => `SAFE ${name} worked messages of a version that it cannot read`),
      ...[...all.values()].filter(({ counts }) => counts.unreadable > 0).map(() => 'SAFE a message could not be read'),
    ],
    async close() {
      for (const { stop } of conductors) stop()
      await Promise.all([...all.values()].map((bus) => bus.close()))
    },
  }
}
