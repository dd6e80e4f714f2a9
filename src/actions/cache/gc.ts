import { count, object, reference, z } from '../../core/schema.ts'
import { type Context, defineAction } from '../context.ts'
import { countOf } from '../count-of.ts'
import type { CachedImage } from './cached-images.ts'
import { cachesOf } from './survey-hosts.ts'

const gone = z.object({ host: z.string(), digest: z.string(), image: z.string().nullable(), bytes: z.number() })

export const gc = defineAction({
  name: 'cache.gc',
  summary: 'remove cached images that no guest is based on and nothing wanted for long',
  effect: 'write',
  policy: 'admin',
  input: object({
    hosts: z.array(reference()).max(1000).default([]).describe('names or ids of the hosts; all when left out'),
    unusedFor: count(0, 10 ** 9)
      .optional()
      .describe('seconds without use; the setting removeUnusedOriginalMinimumAge when left out'),
  }),
  output: z.array(gone),
  async run(input, context) {
    const seconds = input.unusedFor ?? context.settings.removeUnusedOriginalMinimumAge
    const caches = await cachesOf(input.hosts, context)
    const isDue = ({ users, unusedSeconds }: CachedImage) => users.length === 0 && unusedSeconds >= seconds
    const rows = await Promise.all(caches.map(({ host, cached }) => cleaned(host, cached.filter(isDue), seconds, context)))
    return rows.flat()
  },
})

/** The host looks again at every image before it goes. In a plan the step is all that is said. */
async function cleaned(host: string, due: readonly CachedImage[], unusedForSeconds: number, context: Context) {
  if (due.length === 0) return []
  if (context.plan) {
    const bytes = due.reduce((sum, image) => sum + image.bytes, 0)
    const commands = due.map(({ digest, image, bytes }) => `remove ${digest} (${image ?? 'unknown image'}, ${bytes} bytes)`)
    const step = `${countOf(due.length, 'image')} with ${bytes} bytes on ${host}`
    context.progress({ type: 'step', flow: 'cache gc', step, status: 'done', commands })
    return []
  }
  const args = { digests: due.map(({ digest }) => digest), unusedForSeconds }
  const call = { host, method: 'removeCached', args, serverId: null, epoch: 0, signal: context.signal } as const
  const removed = await context.compute.call(call)
  const names = new Map(due.map(({ digest, image }) => [digest, image]))
  return removed.map(({ digest, bytes }) => ({ host, digest, image: names.get(digest) ?? null, bytes }))
}
