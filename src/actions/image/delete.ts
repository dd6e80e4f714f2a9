import { Fault } from '../../core/fault.ts'
import { object, z } from '../../core/schema.ts'
import { iso } from '../../core/time.ts'
import { type Image, imageView, viewOfImage } from '../../model/image.ts'
import type { Transaction } from '../../state/store.ts'
import { type Context, defineAction, writing } from '../context.ts'
import { countOf } from '../count-of.ts'
import { findEach, ifExists, references } from '../find-each.ts'
import { findOwnImage } from './find-image.ts'
import { dropUnused } from './stored-bytes.ts'

export const remove = defineAction({
  name: 'image.delete',
  summary: 'delete images; servers made from them keep running',
  effect: 'destroy',
  policy: 'member',
  input: object({ images: references('images'), ifExists: ifExists() }),
  output: z.array(imageView),
  async run(input, context) {
    const images = await writing(context, 'image.delete', async (tx) => {
      const found = await findEach(input.images, input.ifExists, (image) => findOwnImage(tx, image, context))
      for (const image of found) refuseProtected(image)
      for (const image of found) await refuseShelved(tx, image)
      const going = new Set(found.map((image) => image.id))
      for (const image of found) await refuseNeeded(tx, image, going)
      return Promise.all(found.map((image) => markDeleted(tx, image, context)))
    })
    for (const image of images) if (image.checksum !== null) await dropUnused(image.checksum, context)
    return images.map(viewOfImage)
  },
})

/** The record stays for its history and for servers that name it; hosts keep what their servers stand on. */
const markDeleted = (tx: Transaction, image: Image, context: Context) =>
  tx.update('images', { ...image, status: 'deleted', deleted: true, updatedAt: iso(context.clock.wall()) })

function refuseProtected(image: Image): void {
  if (!image.protected) return
  const hint = `nova image set "${image.name}" --no-protected`
  throw new Fault('conflict', `image "${image.name}" is protected`, { hint })
}

/** It is all that there is of that server. */
async function refuseShelved(tx: Transaction, image: Image): Promise<void> {
  const servers = await tx.list('servers', { where: { projectId: image.projectId, deleted: false } })
  const server = servers.find(({ shelved }) => shelved?.imageId === image.id)
  if (!server) return
  throw new Fault('conflict', `image "${image.name}" holds the disk of shelved server ${server.name}`, {
    hint: `nova unshelve ${server.name} needs it; it goes with the server`,
  })
}

async function refuseNeeded(tx: Transaction, image: Image, going: ReadonlySet<string>): Promise<void> {
  if (image.format !== 'kernel' && image.format !== 'ramdisk') return
  const users = await tx.list('images', { where: { deleted: false } })
  const needing = users.filter((one) => !going.has(one.id) && (one.kernelId === image.id || one.ramdiskId === image.id))
  if (needing.length === 0) return
  const names = needing.slice(0, 5).map((one) => one.name)
  throw new Fault(
    'conflict',
    `image "${image.name}" is the ${image.format} of ${countOf(needing.length, 'image')}: ${names.join(', ')}`,
    {
      hint: 'delete those first, or nova image unset them',
    },
  )
}
