import { object, reference } from '../../core/schema.ts'
import { imageView, viewOfImage } from '../../model/image.ts'
import { defineAction, reading } from '../context.ts'
import { find } from '../find.ts'

export const show = defineAction({
  name: 'image.show',
  summary: 'show an image',
  effect: 'read',
  policy: 'reader',
  input: object({ image: reference().describe('name or id of the image') }),
  output: imageView,
  run: (input, context) => reading(context, async (reader) => viewOfImage(await find(reader, 'images', input.image, context))),
})
