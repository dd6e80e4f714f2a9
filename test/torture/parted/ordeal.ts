/** Orders to a cloud while something is done to its links; then everything must come to its end, as its records say. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { OpenClient } from '../../../src/api/socket-client.ts'
import type { FlowRecord } from '../../../src/model/flow.ts'
import { eventually } from '../../support/eventually.ts'
import { doubledFindings } from '../rig/rig-oracle.ts'
import { judgeGone, judgeWhole, tidies } from '../rig/rig-scene.ts'
import type { Trial } from '../runner/row.ts'
import { bootOf, drawOrders, give, type Told, type Traffic, type Word } from './orders.ts'
import { controllers, type PartedCloud } from './parted-cloud.ts'
import { answerFindings, doubleFindings, fenceFindings, openFindings } from './parted-oracle.ts'

/** Milliseconds after the last link is whole again within which everybody is answered, and everything has ended. */
const boundMs = 180_000
/** Between two looks at what the hosts run. */
const watchMs = 500

export interface PartedTrial extends Trial {
  /** For whoever looks into a failure. */
  note(what: unknown): void
}

export type Experiment = (cloud: PartedCloud, trial: PartedTrial) => Promise<void>

async function withClients(cloud: PartedCloud, work: (clients: OpenClient[]) => Promise<void>) {
  const clients = await Promise.all(controllers.map((name) => cloud.cluster.client(name)))
  try {
    await work(clients)
  } finally {
    for (const client of clients) client.close()
  }
}

/** A server on each host, which the orders are about. */
export async function prepares(cloud: PartedCloud, trial: Trial): Promise<string[]> {
  const servers = cloud.cloud.rig.hosts.map(({ name }, index) => ({ name: `old-${trial.seed}-${index}`, host: name }))
  await withClients(cloud, async ([client]) => {
    await Promise.all(
      servers.map(({ name, host }) => client?.call('server.create', { ...bootOf(name), availabilityZone: `:${host}` })),
    )
  })
  return servers.map(({ name }) => name)
}

/** Orders are given in the middle of the fault; then everything must come to its end, as its records say. */
export async function undergoes(
  cloud: PartedCloud,
  trial: PartedTrial,
  fault: (give: () => Promise<void>) => Promise<void>,
  words?: readonly Word[],
): Promise<void> {
  const names = await prepares(cloud, trial)
  cloud.effects()
  const before = await cloud.read((reader) => Promise.resolve(reader.revision))
  await withClients(cloud, async (clients) => {
    const wishes = { servers: names, fresh: `new-${trial.seed}-`, controllers: clients.length, ...(words ? { words } : {}) }
    const orders = drawOrders(wishes, trial.random)
    let traffic: Traffic = { told: [], ended: Promise.resolve() }
    const over = new AbortController()
    const watched = watches(cloud, trial, over.signal)
    await fault(async () => {
      traffic = await give(orders, clients)
      trial.note(traffic.told)
    })
    await settled(cloud, traffic).finally(() => over.abort())
    await watched
    trial.judge(['LIVE', 'SAFE', 'ACK'], answerFindings(traffic.told, boundMs, await namesOf(cloud)))
    await judgeCopies(cloud, trial)
    await judgeAll(cloud, trial, traffic.told)
  })
  await marks(cloud, trial, before)
}

/** ONE, all the time: only a live move has two processes of a server, while it is under way. */
async function watches(cloud: PartedCloud, trial: Trial, over: AbortSignal): Promise<void> {
  const found = new Set<string>()
  while (!over.aborted) {
    const doubled = doubledFindings(cloud)
    const moved = doubled.length === 0 ? [] : await cloud.read((reader) => reader.list('flows', { where: liveMove }))
    const travels = new Set(moved.map(({ serverId }) => serverId))
    for (const line of doubled) if (!travels.has(line.split(' ')[1] ?? '')) found.add(line)
    await sleep(watchMs, undefined, { signal: over }).catch(() => undefined)
  }
  trial.judge(['ONE'], [...found])
}

const liveMove = { name: 'live-migrate-server' } as const

/** Before an operator has been there; an operation that waits for one may have left a copy more. */
async function judgeCopies(cloud: PartedCloud, trial: Trial): Promise<void> {
  const waiting = new Set((await cloud.openFlows()).map(({ serverId }) => serverId))
  const isOver = (line: string) => !waiting.has(line.split(' ')[1] ?? '')
  trial.judge(['ONE'], doubledFindings(cloud).filter(isOver))
}

const namesOf = async (cloud: PartedCloud) =>
  new Set(await cloud.read(async (reader) => (await reader.list('servers')).map(({ name }) => name)))

/** Until all were answered and nothing is at work, but not for ever. */
async function settled(cloud: PartedCloud, { ended }: Traffic): Promise<void> {
  const over = new AbortController()
  await Promise.race([ended, sleep(boundMs, undefined, { signal: over.signal }).catch(() => undefined)])
  over.abort()
  const isQuiet = async () => (await cloud.openFlows()).every(({ status }) => status === 'blocked')
  await eventually('everything ends', isQuiet, boundMs).catch(() => undefined)
}

export async function judgeAll(cloud: PartedCloud, trial: Trial, told: readonly Told[]): Promise<void> {
  const running = (await cloud.openFlows()).filter(({ status }) => status !== 'blocked')
  trial.judge(['LIVE'], openFindings(running))
  await tidies(cloud, trial)
  trial.judge(['LIVE'], openFindings(await cloud.openFlows()))
  const idsOf = (isWanted: (one: Told) => boolean) =>
    told.filter((one) => one.end === 'done' && isWanted(one)).map(({ id }) => id)
  const acknowledged = { booted: idsOf(({ word }) => word === 'boot'), deleted: idsOf(({ word }) => word === 'delete') }
  trial.judge(
    ['ACK'],
    (await cloud.recordFindings(undefined, acknowledged)).filter((line) => line.startsWith('ACK')),
  )
  trial.judge(['IDEM'], doubleFindings(await cloud.read((reader) => reader.list('servers'))))
  await judgeWhole(cloud, trial)
  judgeEffects(cloud, trial)
  await judgeGone(cloud, trial)
  trial.checked(told.filter(({ end }) => end !== undefined).length)
  for (const { end } of told) trial.mark(end === 'done' ? 'an order was carried out' : `an order ended with ${end}`)
}

function judgeEffects(cloud: PartedCloud, trial: Trial): void {
  const { hosts } = cloud.cloud.rig
  const effects = cloud.effects()
  const isBlind = effects.every((lines) => lines.length === 0)
  trial.judge(
    ['OWN'],
    isBlind
      ? ['OWN no host told of anything that was done']
      : effects.flatMap((lines, index) => fenceFindings(hosts[index]?.name ?? '', lines)),
  )
}

/** Whether an operation had a second owner. */
async function marks(cloud: PartedCloud, trial: Trial, since: number): Promise<void> {
  const flows = await cloud.read((reader) => reader.list('flows'))
  const taken = async ({ id, epoch }: FlowRecord) => {
    if (epoch <= since) return false
    const history = await cloud.store.history('flows', id)
    const owners = history.flatMap(({ changes }) =>
      changes.filter((change) => change.id === id).map(({ record }) => Reflect.get(Object(record?.owner), 'bootId')),
    )
    return new Set(owners.filter((owner) => owner !== undefined)).size > 1
  }
  for (const flow of flows) if (await taken(flow)) trial.mark('an operation was taken over')
}
