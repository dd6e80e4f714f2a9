import { list, object, reference, text, z } from '../../core/schema.ts'
import { iso } from '../../core/time.ts'
import { imageView, viewOfImage } from '../../model/image.ts'
import { withoutKeys } from '../../model/pairs.ts'
import { defineAction, writing } from '../context.ts'
import { findOwnImage } from './find-image.ts'

export const unset = defineAction({
  name: 'image.unset',
  summary: 'remove properties, the kernel or the ramdisk of an image',
  effect: 'write',
  policy: 'member',
  input: object({
    image: reference().describe('name or id of the image'),
    properties: list(text(), 128).default([]).describe('keys to remove'),
    kernel: z.boolean().default(false).describe('boot its own kernel'),
    ramdisk: z.boolean().default(false).describe('boot without a ramdisk of ours'),
  }),
  output: imageView,
  run: (input, context) =>
    writing(context, 'image.unset', async (tx) => {
      const image = await findOwnImage(tx, input.image, context)
      const changed = await tx.update('images', {
        ...image,
        properties: withoutKeys(image.properties, input.properties, `image "${image.name}"`),
        kernelId: input.kernel ? null : image.kernelId,
        ramdiskId: input.ramdisk ? null : image.ramdiskId,
        updatedAt: iso(context.clock.wall()),
      })
      return viewOfImage(changed)
    }),
})
