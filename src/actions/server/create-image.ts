import { Fault } from '../../core/fault.ts'
import { name, object, pairs, reference } from '../../core/schema.ts'
import { createImage } from '../../flows/create-image.ts'
import { changeServer } from '../../flows/server-steps.ts'
import { guard } from '../../model/guards.ts'
import { type ImageView, imageView, viewOfImage } from '../../model/image.ts'
import { type Context, defineAction } from '../context.ts'
import { insertImage } from './image-record.ts'
import { waitField } from './operate.ts'
import { operate } from './server-flows.ts'

export const createImageOf = defineAction({
  name: 'server.create-image',
  summary: "make an image of a server's root disk while it runs or not",
  effect: 'write',
  policy: 'member',
  input: object({
    server: reference().describe('name or id of the server'),
    name: name().describe('name of the image'),
    properties: pairs().default([]).describe("key=value beside the properties of the server's own image"),
    wait: waitField,
  }),
  output: imageView,
  async run(input, context) {
    let imageId = ''
    await operate([input.server], 'create-image', input.wait, context, async (tx, server, own) => {
      guard('create-image', server)
      const { name, properties } = input
      const image = await insertImage(tx, server, { name, type: 'snapshot', properties }, context)
      imageId = image.id
      await changeServer(tx, server.id, { taskState: 'image_snapshot' })
      const state = { imageId, digest: null, isKept: false }
      return context.flows.begin(tx, createImage, { state, server, call: context, own })
    })
    return viewOf(imageId, context)
  },
})

/** The image as it is by now; `not-found` when it is gone. */
export async function viewOf(imageId: string, context: Context): Promise<ImageView> {
  const image = await context.store.read((reader) => reader.get('images', imageId))
  if (image) return viewOfImage(image)
  throw new Fault('not-found', `image ${imageId} is gone`)
}
