import { fromIso } from '../../core/time.ts'
import type { Migration } from '../../model/migration.ts'
import type { Reader } from '../../state/store.ts'

/** Moves that wait for their confirm longer than `windowSeconds` at `now` (milliseconds since the epoch); none when it is 0. */
export async function expiredResizes(reader: Reader, now: number, windowSeconds: number): Promise<Migration[]> {
  if (windowSeconds === 0) return []
  const open = await reader.list('migrations', { where: { open: true } })
  return open.filter(({ status, updatedAt }) => status === 'finished' && fromIso(updatedAt) + windowSeconds * 1000 <= now)
}
