/** The daemon's hands for flows that nobody works on: those whose process died, and those that were left to it. */

import { systemClock as clock } from '../system/clock.ts'
import type { Core } from './core.ts'

const hands = 8

export interface Adopter {
  /** Works what was handed over, now. */
  wake(): void
  stop(): void
}

export interface AdopterOptions {
  readonly core: () => Core
  readonly everyMs: number
  readonly note: (message: string) => void
}

/** Looks for flows of dead processes at every interval; `wake` also takes those that were begun for whoever comes. */
export function adopter({ core, everyMs, note }: AdopterOptions): Adopter {
  let busy = 0
  const timer = setInterval(() => void look(false), everyMs)

  async function look(handedOver: boolean): Promise<void> {
    if (core().ledger.stopping) return
    const found = await core()
      .flows(() => undefined)
      .orphans({ handedOver })
    const wanted = Math.min(found.length, hands - busy)
    await Promise.all(Array.from({ length: wanted }, () => work(handedOver)))
  }

  async function work(handedOver: boolean): Promise<void> {
    busy += 1
    const began = clock.monotonic()
    try {
      const done = await core()
        .flows((event) => event.type === 'note' && note(event.message))
        .adopt({ handedOver })
      if (done.length > 0) note(`finished ${done.length} operations in ${Math.round(clock.monotonic() - began)} ms`)
    } finally {
      busy -= 1
    }
  }

  const failed = (error: unknown) => note(`looking for orphaned operations failed: ${error}`)
  return {
    wake: () => void look(true).catch(failed),
    stop: () => clearInterval(timer),
  }
}
