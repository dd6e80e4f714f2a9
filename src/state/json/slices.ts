/** Long work in slices: whoever else works in this process waits for one of them at most. */
import type { Clock } from '../../core/ports.ts'

/** Milliseconds that one slice may take. */
const sliceMs = 4

/** To be awaited after each small piece of work: once a slice is over, lets the rest of the process run. */
export function inSlices(clock: Clock): () => Promise<void> | undefined {
  let begun = clock.monotonic()
  const yieldNow = async () => {
    await clock.sleep(0)
    begun = clock.monotonic()
  }
  return () => (clock.monotonic() - begun > sliceMs ? yieldNow() : undefined)
}
