/** R18: links between controllers, hosts, broker and database are cut, one way or both, while requests go on; healed in another order. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { FlowRecord } from '../../../src/model/flow.ts'
import { eventually } from '../../support/eventually.ts'
import { postgresObstacle } from '../../support/postgres.ts'
import { rabbitObstacle } from '../../support/rabbitmq.ts'
import { drawSwizzle, type Link, swizzles, type Way, ways } from '../parted/links.ts'
import { bootOf, drawOrders, give, type Told, type Traffic } from '../parted/orders.ts'
import { controllers, type PartedCloud, partedCloud } from '../parted/parted-cloud.ts'
import { answerFindings, doubleFindings, evacuationFindings, fenceFindings, openFindings } from '../parted/parted-oracle.ts'
import { judgeGone, judgeWhole, tidies } from '../rig/rig-scene.ts'
import type { Row, Scene, Trial } from '../runner/row.ts'

/** Milliseconds after the last link is whole again within which everybody is answered, and everything has ended. */
const boundMs = 180_000

type Experiment = (cloud: PartedCloud, trial: Trial) => Promise<void>

const links = (cloud: PartedCloud, kinds: readonly Link['kind'][]) => cloud.links.filter(({ kind }) => kinds.includes(kind))

async function withClients(
  cloud: PartedCloud,
  work: (clients: Awaited<ReturnType<PartedCloud['cluster']['client']>>[]) => Promise<void>,
) {
  const clients = await Promise.all(controllers.map((name) => cloud.cluster.client(name)))
  try {
    await work(clients)
  } finally {
    for (const client of clients) client.close()
  }
}

/** A server on each host, which the orders are about. */
async function prepares(cloud: PartedCloud, trial: Trial): Promise<string[]> {
  const servers = cloud.cloud.rig.hosts.map(({ name }, index) => ({ name: `old-${trial.seed}-${index}`, host: name }))
  await withClients(cloud, async ([client]) => {
    await Promise.all(
      servers.map(({ name, host }) => client?.call('server.create', { ...bootOf(name), availabilityZone: `:${host}` })),
    )
  })
  return servers.map(({ name }) => name)
}

/** Links of these kinds are cut while orders are given. */
const cuts =
  (kinds: readonly Link['kind'][], way: Way | undefined): Experiment =>
  async (cloud, trial) => {
    const among = links(cloud, kinds)
    await undergoes(cloud, trial, async (give) => {
      const swizzle = drawSwizzle(among, way, trial.random)
      const vanished = await swizzles(swizzle, give)
      if (vanished > 0) trial.fired(swizzle.cuts.length)
    })
  }

/** The lines to broker and database are late and narrow. */
const slows: Experiment = (cloud, trial) =>
  undergoes(cloud, trial, async (give) => {
    for (const line of cloud.lines) line.pace(20 + trial.random() * 300, 50_000 + trial.random() * 200_000)
    try {
      await Promise.all([give(), sleep(8000)])
      trial.fired()
    } finally {
      for (const line of cloud.lines) line.pace()
    }
  })

/** Orders are given in the middle of the fault; then everything must come to its end, as its records say. */
async function undergoes(cloud: PartedCloud, trial: Trial, fault: (give: () => Promise<void>) => Promise<void>): Promise<void> {
  const names = await prepares(cloud, trial)
  cloud.effects()
  const before = await cloud.read((reader) => Promise.resolve(reader.revision))
  await withClients(cloud, async (clients) => {
    const orders = drawOrders(names, `new-${trial.seed}-`, clients.length, trial.random)
    let traffic: Traffic = { told: [], ended: Promise.resolve() }
    await fault(async () => {
      traffic = await give(orders, clients)
    })
    await settled(cloud, traffic)
    trial.judge(['LIVE', 'SAFE'], answerFindings(traffic.told, boundMs))
    await judgeAll(cloud, trial, traffic.told)
  })
  await marks(cloud, trial, before)
}

/** Until all were answered and nothing is at work, but not for ever. */
async function settled(cloud: PartedCloud, { ended }: Traffic): Promise<void> {
  const over = new AbortController()
  await Promise.race([ended, sleep(boundMs, undefined, { signal: over.signal }).catch(() => undefined)])
  over.abort()
  const isQuiet = async () => (await cloud.openFlows()).every(({ status }) => status === 'blocked')
  await eventually('everything ends', isQuiet, boundMs).catch(() => undefined)
}

async function judgeAll(cloud: PartedCloud, trial: Trial, told: readonly Told[]): Promise<void> {
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
  trial.judge(
    ['OWN'],
    cloud.effects().flatMap((lines, index) => fenceFindings(hosts[index]?.name ?? '', lines)),
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

/** No worker reaches the host of a server; nobody has looked whether it is off. */
const unreachable =
  (way: Way, isBelieved: boolean): Experiment =>
  async (cloud, trial) => {
    const [name = ''] = await prepares(cloud, trial)
    const host = (await serverNamed(cloud, name))?.host ?? ''
    const lost = links(cloud, ['host']).filter((link) => link.name.endsWith(`-${host}`))
    const swizzle = { cuts: lost.map((link) => ({ link, way })), heals: lost.map((link) => ({ link, way })), gapMs: 0, holdMs: 0 }
    const proof = '--i-checked-it-is-off'
    const vanished = await swizzles(swizzle, async () => {
      await refused(cloud, trial, name, [
        `evacuate ${name} --yes`,
        `evacuate ${name} --yes ${proof}=`,
        `host evacuate ${host} --yes`,
      ])
      if (isBelieved) await cloud.succeed(`evacuate ${name} --yes ${proof} torture`)
    })
    if (vanished > 0) trial.fired(lost.length)
    if (isBelieved) trial.mark('a server was evacuated on a wrong word')
    else
      await refused(cloud, trial, name, [
        `evacuate ${name} --yes ${proof} torture`,
        `host evacuate ${host} --yes ${proof} torture`,
      ])
    await judgeAll(cloud, trial, [])
    await cloud.succeed(`host set ${host} --enable`)
  }

const serverNamed = async (cloud: PartedCloud, name: string) => (await cloud.liveServers()).find((server) => server.name === name)

async function refused(cloud: PartedCloud, trial: Trial, name: string, lines: readonly string[]): Promise<void> {
  const from = (await serverNamed(cloud, name))?.host ?? null
  for (const what of lines) {
    const { code, stderr } = await cloud.run(what)
    const to = (await serverNamed(cloud, name))?.host ?? null
    const flows = (await cloud.openFlows()).filter((flow) => flow.name === 'evacuate-server').length
    trial.judge(['OWN', 'SAFE'], evacuationFindings({ what, code, stderr, from, to, flows }))
    trial.checked()
  }
}

const everything = ['host', 'broker', 'database', 'peer'] as const
const cases: ReadonlyMap<string, Experiment> = new Map([
  ...ways.flatMap((way): [string, Experiment][] => [
    [`workers lose hosts, ${way}`, cuts(['host'], way)],
    [`daemons lose the broker, ${way}`, cuts(['broker'], way)],
    [`controllers lose the database, ${way}`, cuts(['database'], way)],
    [`a host cannot be reached ${way}, and nobody knows why`, unreachable(way, false)],
  ]),
  ['hosts lose each other while servers move', cuts(['peer'], undefined)],
  ['controllers lose broker and database', cuts(['broker', 'database'], undefined)],
  ['any links, any way', cuts(everything, undefined)],
  ['any links, both ways', cuts(everything, 'both ways')],
  ['broker and database are far away', slows],
  ['a host that only cannot be reached is called off', unreachable('both ways', true)],
])

/** One cloud for all; a run that failed leaves it to be looked at, and the next one gets another. */
async function open(): Promise<Scene> {
  let cloud: PartedCloud | undefined
  return {
    cases: rabbitObstacle() === undefined && postgresObstacle() === undefined ? [...cases.keys()] : [],
    async run(name, trial) {
      const experiment = cases.get(name)
      if (!experiment) throw new Error(`no case ${name}`)
      cloud ??= await partedCloud()
      const findings: string[] = []
      const judge: Trial['judge'] = (held, found) => {
        findings.push(...found)
        trial.judge(held, found)
      }
      let isWhole = false
      try {
        await experiment(cloud, { ...trial, judge })
        isWhole = findings.length === 0
      } finally {
        const lost = cloud
        if (!isWhole) {
          cloud = undefined
          await lost.close(`.cache/torture/parted-${trial.seed}`)
        }
      }
    },
    close: async () => cloud?.close(),
  }
}

export const partitions: Row = {
  id: 'R18',
  title: 'controllers, hosts, broker and database lose each other, one way or both, while requests go on',
  runs: { t1: 1, t2: 40, t3: 400 },
  floor: { fired: 1, checked: 2 },
  marks: [
    'an order was carried out',
    'an order ended with unreachable',
    'an operation was taken over',
    'a server was evacuated on a wrong word',
  ],
  open,
}
