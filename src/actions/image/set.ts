import { count, name, object, pairs, reference, z } from '../../core/schema.ts'
import { iso } from '../../core/time.ts'
import { imageView, viewOfImage } from '../../model/image.ts'
import { withPairs } from '../../model/pairs.ts'
import { defineAction, writing } from '../context.ts'
import { bootPartId, findOwnImage, refusePublic } from './find-image.ts'

export const set = defineAction({
  name: 'image.set',
  summary: 'change what is known of an image; its bytes never change',
  effect: 'write',
  policy: 'member',
  input: object({
    image: reference().describe('name or id of the image'),
    properties: pairs().default([]).describe('key=value to add or replace'),
    name: name().optional().describe('new name'),
    minRam: count(0, 2 ** 31 - 1)
      .optional()
      .describe('memory in MB that a flavor must have'),
    minDisk: count(0, 2 ** 31 - 1)
      .optional()
      .describe('disk in GB that a flavor must have'),
    visibility: z.enum(['public', 'private']).optional().describe('who may use it'),
    protected: z.boolean().optional().describe('refuses to be deleted'),
    kernel: reference().optional().describe('image with the kernel to boot'),
    ramdisk: reference().optional().describe('image with the ramdisk to boot'),
  }),
  output: imageView,
  async run(input, context) {
    refusePublic(input.visibility, context)
    return writing(context, 'image.set', async (tx) => {
      const image = await findOwnImage(tx, input.image, context)
      const changed = await tx.update('images', {
        ...image,
        name: input.name ?? image.name,
        properties: withPairs(image.properties, input.properties, `image "${image.name}"`),
        minRam: input.minRam ?? image.minRam,
        minDisk: input.minDisk ?? image.minDisk,
        visibility: input.visibility ?? image.visibility,
        protected: input.protected ?? image.protected,
        kernelId: (await bootPartId(tx, 'kernel', input.kernel, context)) ?? image.kernelId,
        ramdiskId: (await bootPartId(tx, 'ramdisk', input.ramdisk, context)) ?? image.ramdiskId,
        updatedAt: iso(context.clock.wall()),
      })
      return viewOfImage(changed)
    })
  },
})
