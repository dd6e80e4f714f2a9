import { Fault } from '../../core/fault.ts'
import { object, reference, text } from '../../core/schema.ts'
import { imageView, viewOfImage } from '../../model/image.ts'
import { defineAction, reading } from '../context.ts'
import { find } from '../find.ts'

export const save = defineAction({
  name: 'image.save',
  summary: "copy an image's bytes to a new file or to standard output",
  effect: 'read',
  policy: 'reader',
  input: object({
    image: reference().describe('name or id of the image'),
    file: text(4096).describe('new file that only you can read, or - for standard output'),
  }),
  output: imageView,
  async run(input, context) {
    const image = await reading(context, (reader) => find(reader, 'images', input.image, context))
    if (image.checksum === null || image.status !== 'active')
      throw new Fault('conflict', `image "${image.name}" is ${image.status}, its bytes are not complete`)
    await context.images.save(image.checksum, input.file, context.output)
    return viewOfImage(image)
  },
})
