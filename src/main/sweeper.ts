/** Among conductors: flows that lost their owner, or their message, are found in the records and worked. */
import { asFault } from '../core/fault.ts'
import type { Clock } from '../core/ports.ts'
import type { FlowRecord } from '../model/flow.ts'
import type { Leadership } from '../state/lease.ts'
import { systemClock } from '../system/clock.ts'
import type { Adopter } from './adopter.ts'
import type { Core } from './core.ts'

export interface SweeperOptions {
  readonly core: Pick<Core, 'flows' | 'ledger'>
  /** Only the leader looks for what is left over. */
  readonly leader: Pick<Leadership, 'isLeader'>
  /** True when this daemon works flows itself, false when it hands them to conductors. */
  readonly isConductor: boolean
  readonly everyMs: number
  readonly note: (message: string) => void
  readonly clock?: Clock
}

/** Flows that one sweeper has under way. */
const hands = 32

/** `wake` has everything worked that was left to whoever comes. */
export function sweeper({ core, leader, isConductor, everyMs, note, clock = systemClock }: SweeperOptions): Adopter {
  const queue = new Set<string>()
  const working = new Set<string>()
  /** Flows without an owner at the last look: one that is found so again, unchanged, was lost with its message. */
  let seen = new Map<string, number>()
  const over = new AbortController()
  const flows = core.flows((event) => event.type === 'note' && note(event.message))

  function look(isAsked: boolean): void {
    take(isAsked).catch((error: unknown) => note(`looking for orphaned operations failed: ${asFault(error).message}`))
  }

  async function take(isAsked: boolean): Promise<void> {
    if (core.ledger.stopping) return
    const found = (await flows.orphans({ handedOver: true })).filter(({ status }) => status !== 'blocked')
    for (const flow of found) if (!working.has(flow.id) && (isAsked || flow.owner !== null || isLost(flow))) queue.add(flow.id)
    seen = new Map(found.map(({ id, generation }) => [id, generation]))
    while (working.size < hands && queue.size > 0) void work()
  }

  const isLost = ({ id, generation }: FlowRecord) => seen.get(id) === generation

  async function work(): Promise<void> {
    const [id] = queue
    if (id === undefined) return
    queue.delete(id)
    working.add(id)
    try {
      const { action, label } = await (isConductor ? flows.attend(id) : flows.run(id))
      note(`finished ${action} ${label}, which nobody had`)
    } catch (error) {
      note(asFault(error).message)
    } finally {
      working.delete(id)
      void work()
    }
  }

  async function lookAgain(): Promise<void> {
    for (;;) {
      await clock.sleep(everyMs, over.signal)
      if (leader.isLeader()) look(false)
    }
  }
  lookAgain().catch(() => undefined)

  return {
    wake: () => look(true),
    stop: () => over.abort(),
  }
}
