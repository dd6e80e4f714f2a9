/** Waits for the world, with an end: no test sleeps a fixed time. */
import { setTimeout as sleep } from 'node:timers/promises'

/** The first result of `look` that is not undefined or false; fails after `ms` with what was waited for. */
export async function eventually<T>(what: string, look: () => Promise<T | undefined | false>, ms = 120_000): Promise<T> {
  const end = performance.now() + ms
  for (;;) {
    const found = await look()
    if (found !== undefined && found !== false) return found
    if (performance.now() > end) throw new Error(`${what} did not happen within ${ms} ms`)
    await sleep(20)
  }
}
