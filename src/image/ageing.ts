/** How long files of a store have been there, or were not wanted. */
import type { Clock } from '../core/ports.ts'

interface Store {
  readonly directory: string
  path(digest: string): string
  readonly clock: Clock
}

const files = () => import('node:fs/promises')
/** An image that is being made has a file before it has a record. */
const oldMs = 24 * 3600 * 1000

/** The part of the image store that knows ages. */
export function ageing({ directory, path, clock }: Store) {
  const olderThan = async (ms: number, time: 'mtimeMs' | 'ctimeMs') => {
    const { readdir, stat } = await files()
    const names = (await readdir(directory).catch(() => [])).filter((name) => /^[0-9a-f]{64}$/.test(name))
    const found = await Promise.all(names.map(async (name) => ({ name, stat: await stat(path(name)).catch(() => undefined) })))
    return found.flatMap(({ name, stat }) => (stat && clock.wall() - stat[time] > ms ? [name] : []))
  }
  return {
    async touch(digest: string): Promise<void> {
      const now = clock.wall() / 1000
      await (await files()).utimes(path(digest), now, now).catch(() => undefined)
    },
    async prune(unusedForSeconds: number): Promise<void> {
      const { rm } = await files()
      for (const digest of await olderThan(unusedForSeconds * 1000, 'mtimeMs')) await rm(path(digest), { force: true })
    },
    // A copy that kept the times of another machine's file is new here all the same.
    old: () => olderThan(oldMs, 'ctimeMs'),
  }
}
