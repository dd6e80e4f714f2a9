/** Links between machines, and the swizzle: some of them are cut one by one and healed in another order. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Wire } from '../../support/rig/wire.ts'

export interface Link {
  readonly name: string
  readonly kind: 'host' | 'broker' | 'database' | 'peer'
  readonly out: Wire
  readonly back: Wire
}

export const ways = ['both ways', 'on the way there', 'on the way back'] as const
export type Way = (typeof ways)[number]

export interface Cut {
  readonly link: Link
  readonly way: Way
}

export interface Swizzle {
  /** In the order in which they are cut, and so long after the one before. */
  readonly cuts: readonly Cut[]
  /** The same in the order in which they are healed. */
  readonly heals: readonly Cut[]
  readonly gapMs: number
  readonly holdMs: number
}

/** Milliseconds: shorter than any time-out; longer than reports, heartbeats, ssh's own looks, or anybody's patience may last. */
const everyHold: readonly number[] = [1000, 4000, 9000, 14_000, 24_000, 40_000]
const longestGapMs = 600

/** A subset of the links, each in the given way or in one of its own, for one of those times, drawn from the seed. */
export function drawSwizzle(
  links: readonly Link[],
  way: Way | undefined,
  roll: () => number,
  holds: readonly number[] = everyHold,
): Swizzle {
  const count = 1 + Math.floor(roll() * links.length)
  const cuts = drawn(links, roll)
    .slice(0, count)
    .map((link) => ({ link, way: way ?? ways[Math.floor(roll() * ways.length)] ?? 'both ways' }))
  const holdMs = holds[Math.floor(roll() * holds.length)] ?? 1000
  return { cuts, heals: drawn(cuts, roll), gapMs: Math.floor(roll() * longestGapMs), holdMs }
}

/** All of them, in an order drawn from the seed. */
export function drawn<T>(items: readonly T[], roll: () => number): T[] {
  const keyed = items.map((item) => ({ item, key: roll() }))
  return keyed.sort((one, other) => one.key - other.key).map(({ item }) => item)
}

const wiresOf = ({ link, way }: Cut): readonly Wire[] => [
  ...(way === 'on the way back' ? [] : [link.out]),
  ...(way === 'on the way there' ? [] : [link.back]),
]

/** Packets that have vanished, by what they were about. */
export type Vanished = ReadonlyMap<Link['kind'], number>

/** Cuts, waits and heals. `inside` is called when all are cut. */
export async function swizzles({ cuts, heals, gapMs, holdMs }: Swizzle, inside?: () => Promise<void>): Promise<Vanished> {
  const vanished = new Map<Link['kind'], number>()
  try {
    for (const cut of cuts) {
      for (const wire of wiresOf(cut)) wire.cut()
      await sleep(gapMs)
    }
    await Promise.all([sleep(holdMs), inside?.()])
  } finally {
    for (const cut of heals) {
      const count = wiresOf(cut).reduce((sum, wire) => sum + wire.heal(), 0)
      if (count > 0) vanished.set(cut.link.kind, (vanished.get(cut.link.kind) ?? 0) + count)
      await sleep(gapMs)
    }
  }
  return vanished
}
