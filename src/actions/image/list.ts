import { holds } from '../../core/perform.ts'
import { count, name, object, reference, z } from '../../core/schema.ts'
import { type Image, imageFormats, imageView, viewOfImage } from '../../model/image.ts'
import { type Context, defineAction, reading } from '../context.ts'

export const list = defineAction({
  name: 'image.list',
  summary: 'list images of the project and public ones',
  effect: 'read',
  policy: 'reader',
  input: object({
    name: name().optional().describe('only images of this name'),
    status: z.enum(['queued', 'saving', 'active', 'error']).optional().describe('only images in this status'),
    visibility: z.enum(['public', 'private']).optional().describe('only public or private images'),
    diskFormat: z.enum(imageFormats).optional().describe('only images of this format'),
    allProjects: z.boolean().default(false).describe('private images of every project too (admin)'),
    limit: count(1, 1000).default(1000).describe('at most this many'),
    marker: reference().optional().describe('only images after this id'),
  }),
  output: z.array(imageView),
  async run(input, context) {
    const { name, status, visibility, diskFormat: format } = input
    const everything = input.allProjects && holds(context, 'admin')
    const images = await reading(context, (reader) =>
      reader.list('images', { where: { deleted: false, name, status, visibility, format } }),
    )
    const shown = everything ? images : images.filter((image) => isOffered(image, context))
    const start = input.marker === undefined ? 0 : shown.findIndex((image) => image.id === input.marker) + 1
    return shown.slice(start, start + input.limit).map(viewOfImage)
  },
})

const isOffered = (image: Image, context: Context) => image.projectId === context.projectId || image.visibility === 'public'
