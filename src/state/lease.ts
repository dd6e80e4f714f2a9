/** Election of one process among many for periodic work: a record with an end, renewed by compare-and-swap with the store's clock. */
import type { Clock } from '../core/ports.ts'
import type { Store } from './store.ts'
import { storeNow } from './store-now.ts'

export interface Leadership {
  /** True while this process has the lease for certain; asked before each piece of work. */
  isLeader(): boolean
  /** Gives the lease back, so that another process takes it at once. */
  stop(): Promise<void>
}

export interface LeadershipOptions {
  readonly store: Store
  readonly clock: Clock
  /** What is led, for example `periodic`. */
  readonly task: string
  /** The name of this service. */
  readonly holder: string
  readonly leaseMs?: number
}

const leaseMsByDefault = 15_000

/** For a process that is alone with its records: it leads always. */
export const soleLeader: Leadership = { isLeader: () => true, stop: async () => undefined }

/** Takes part in the election until `stop`. */
export function leadership({ store, clock, task, holder, leaseMs = leaseMsByDefault }: LeadershipOptions): Leadership {
  const ends = new AbortController()
  /** Monotonic; the lease was asked for before, so it lasts longer in the store. */
  let certainUntil = 0
  const authorship = { actor: holder, request: `lease-${task}`, action: 'lease' }

  async function turn(): Promise<void> {
    const asked = clock.monotonic()
    const now = await storeNow(store, clock)
    const stored = await store.read((reader) => reader.get('leases', task))
    if (stored && stored.holder !== holder && stored.until > now) return
    if (stored?.holder === holder && (await store.renewLease?.(task, holder, leaseMs))) {
      certainUntil = asked + leaseMs * 0.9
      return
    }
    const has = await store.transaction(authorship, async (tx) => {
      const found = await tx.get('leases', task)
      if (found && found.holder !== holder && found.until > now) return false
      const lease = { id: task, holder, until: now + leaseMs }
      await (found ? tx.update('leases', { ...found, ...lease }) : tx.insert('leases', lease))
      return true
    })
    certainUntil = has ? asked + leaseMs * 0.9 : 0
  }

  async function takePart(): Promise<void> {
    while (!ends.signal.aborted) {
      // A store that is away: what this process has runs out by itself.
      await turn().catch(() => undefined)
      await clock.sleep(leaseMs / 3, ends.signal).catch(() => undefined)
    }
  }
  const over = takePart()

  return {
    isLeader: () => clock.monotonic() < certainUntil,
    async stop() {
      ends.abort()
      await over
      if (clock.monotonic() >= certainUntil) return
      certainUntil = 0
      await store.transaction(authorship, async (tx) => {
        const found = await tx.get('leases', task)
        // Without its holder, whose beats beside the record would show another end.
        if (found?.holder === holder) await tx.update('leases', { ...found, holder: '', until: 0 })
      })
    },
  }
}
