/** Real randomness, from the web crypto global: it costs nothing at start-up, unlike node:crypto. */
import type { Random } from '../core/ports.ts'

/** What one call of getRandomValues may fill, in bytes. */
const chunk = 65_536

export const systemRandom: Random = {
  bytes(count) {
    const bytes = new Uint8Array(count)
    for (let at = 0; at < count; at += chunk) crypto.getRandomValues(bytes.subarray(at, at + chunk))
    return bytes
  },
  uuid: () => crypto.randomUUID(),
}
