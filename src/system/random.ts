/** Real randomness, from the web crypto global: it costs nothing at start-up, unlike node:crypto. */
import type { Random } from '../core/ports.ts'

/** What one call of getRandomValues may fill, in bytes. */
const chunk = 65_536

/** Bytes asked for together: a call for one byte costs as much as a call for these. */
const pool = new Uint8Array(2048)
let used = pool.length

/** A few bytes that nobody had before; they stay nowhere but with the caller. */
function fewBytes(count: number): Uint8Array {
  if (used + count > pool.length) {
    crypto.getRandomValues(pool)
    used = 0
  }
  const bytes = pool.slice(used, used + count)
  pool.fill(0, used, used + count)
  used += count
  return bytes
}

export const systemRandom: Random = {
  bytes(count) {
    if (count <= 16) return fewBytes(count)
    const bytes = new Uint8Array(count)
    for (let at = 0; at < count; at += chunk) crypto.getRandomValues(bytes.subarray(at, at + chunk))
    return bytes
  },
  uuid: () => crypto.randomUUID(),
}
