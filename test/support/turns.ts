/** Lets everything that needs no outside help go on: nothing here waits for time. */
import { setImmediate } from 'node:timers/promises'

const most = 20_000

/** Resolves once `isOver`; fails when it still is not after many turns of the event loop. */
export async function passed(isOver: () => boolean | Promise<boolean>): Promise<void> {
  for (let turn = 0; turn < most; turn += 1) {
    if (await isOver()) return
    await setImmediate()
  }
  throw new Error(`nothing came to its end within ${most} turns`)
}
