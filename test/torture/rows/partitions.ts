/** R18: links between controllers, hosts, broker and database are cut, one way or both, while requests go on; healed in another order. */
import { setTimeout as sleep } from 'node:timers/promises'
import { postgresObstacle } from '../../support/postgres.ts'
import { rabbitObstacle } from '../../support/rabbitmq.ts'
import { unreachable } from '../parted/evacuations.ts'
import { type Cut, drawSwizzle, type Link, swizzles, type Way, ways } from '../parted/links.ts'
import { type Experiment, undergoes } from '../parted/ordeal.ts'
import type { Word } from '../parted/orders.ts'
import { type PartedCloud, partedCloud } from '../parted/parted-cloud.ts'
import type { Row, Scene, Trial } from '../runner/row.ts'

/** What an experiment has of its own. */
interface Peculiar {
  readonly words?: readonly Word[]
  /** Milliseconds. */
  readonly holds?: readonly number[]
}

/** A move is some seconds old before its hosts talk to each other. */
const moves: Peculiar = { words: ['live'], holds: [14_000, 24_000] }

/** Links of these kinds are cut while orders are given. */
const cuts =
  (kinds: readonly Link['kind'][], way?: Way, { words, holds }: Peculiar = {}): Experiment =>
  async (cloud, trial) => {
    const among = cloud.links.filter(({ kind }) => kinds.includes(kind))
    const strike = async (give: () => Promise<void>) => {
      const swizzle = drawSwizzle(among, way, trial.random, holds)
      trial.note({ ...swizzle, cuts: wordsOf(swizzle.cuts), heals: wordsOf(swizzle.heals) })
      const vanished = await swizzles(swizzle, give)
      if (vanished.size > 0) trial.fired(swizzle.cuts.length)
      for (const kind of vanished.keys()) trial.mark(`packets were lost: ${kind}`)
    }
    await undergoes(cloud, trial, strike, words)
  }

const wordsOf = (cuts: readonly Cut[]) => cuts.map(({ link, way }) => `${link.name} ${way}`)

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

const everything = ['host', 'broker', 'database', 'peer'] as const
const cases: ReadonlyMap<string, Experiment> = new Map([
  ...ways.flatMap((way): [string, Experiment][] => [
    [`workers lose hosts, ${way}`, cuts(['host'], way)],
    [`daemons lose the broker, ${way}`, cuts(['broker'], way)],
    [`controllers lose the database, ${way}`, cuts(['database'], way)],
    [`a host cannot be reached ${way}, and nobody knows why`, unreachable(way, false)],
  ]),
  ['hosts lose each other while servers move', cuts(['peer'], undefined, moves)],
  ['controllers lose broker and database', cuts(['broker', 'database'])],
  ['any links, any way', cuts(everything)],
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
      const notes: unknown[] = []
      const judge: Trial['judge'] = (held, found) => {
        findings.push(...found)
        trial.judge(held, found)
      }
      let isWhole = false
      try {
        await experiment(cloud, { ...trial, judge, note: (what) => void notes.push(what) })
        isWhole = findings.length === 0
      } finally {
        const lost = cloud
        if (!isWhole) {
          cloud = undefined
          await lost.close({ folder: `.cache/torture/parted-${trial.seed}`, notes })
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
    ...(['host', 'broker', 'database', 'peer'] as const).map((kind) => `packets were lost: ${kind}`),
    'an order was carried out',
    'an order ended with unreachable',
    'an operation was taken over',
    'a server was evacuated on a wrong word',
  ],
  open,
}
