import { guestImage } from '../../compute/guest-spec.ts'
import { asFault, Fault } from '../../core/fault.ts'
import { object, reference, z } from '../../core/schema.ts'
import type { GuestImage } from '../../drivers/driver.ts'
import { type Context, defineAction, reading } from '../context.ts'
import { find } from '../find.ts'
import { findEach } from '../find-each.ts'

const row = z.object({ image: z.string(), host: z.string(), result: z.enum(['cached', 'failed']), reason: z.string().nullable() })

export const prefetch = defineAction({
  name: 'image.prefetch',
  summary: 'bring an image into the caches of hosts, so that boots there need not wait for it',
  effect: 'write',
  policy: 'admin',
  input: object({
    image: reference().describe('image'),
    hosts: z.array(reference()).max(1000).default([]).describe('names or ids of the hosts; all enabled ones when left out'),
  }),
  output: z.array(row),
  async run(input, context) {
    const { image, hosts } = await reading(context, async (reader) => ({
      image: await find(reader, 'images', input.image, context),
      hosts:
        input.hosts.length === 0
          ? (await reader.list('hosts')).filter(({ enabled }) => enabled)
          : await findEach(input.hosts, false, (host) => find(reader, 'hosts', host, context)),
    }))
    if (image.status !== 'active') throw new Fault('conflict', `image "${image.name}" is ${image.status}`)
    const wanted = guestImage(image)
    return Promise.all(hosts.map(({ name: host }) => brought(wanted, image.name, host, context)))
  },
})

/** A day: an image may be large and a line slow; a dead connection is noticed by its keepalive. */
const deadlineMs = 24 * 3600 * 1000

async function brought(image: GuestImage, name: string, host: string, context: Context): Promise<z.infer<typeof row>> {
  const { signal, images, compute, progress } = context
  const what = `image ${name} to ${host}`
  const onProgress = (report: unknown) => {
    const { done, total } = Object(report) as { done?: unknown; total?: unknown }
    if (typeof done === 'number' && typeof total === 'number') progress({ type: 'bytes', what, done, total })
  }
  const args = { image, localPath: images.path(image.digest) }
  const onCommands = (commands: readonly string[]) => {
    if (context.plan) progress({ type: 'step', flow: 'prefetch', step: what, status: 'done', commands })
  }
  try {
    await compute.call({ host, method: 'cacheImage', args, serverId: null, epoch: 0, signal, deadlineMs, onProgress, onCommands })
    return { image: name, host, result: 'cached', reason: null }
  } catch (error) {
    return { image: name, host, result: 'failed', reason: asFault(error).message }
  }
}
