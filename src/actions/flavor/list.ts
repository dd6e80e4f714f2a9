import { holds } from '../../core/perform.ts'
import { count, object, reference, z } from '../../core/schema.ts'
import { flavorView, viewOfFlavor } from '../../model/flavor.ts'
import { defineAction, reading } from '../context.ts'

export const list = defineAction({
  name: 'flavor.list',
  summary: 'list flavors',
  effect: 'read',
  policy: 'reader',
  input: object({
    all: z.boolean().default(false).describe('private flavors too (admin)'),
    limit: count(1, 1000).default(1000).describe('at most this many'),
    marker: reference().optional().describe('only flavors after this id'),
  }),
  output: z.array(flavorView),
  async run(input, context) {
    const page = { limit: input.limit, ...(input.marker === undefined ? {} : { marker: input.marker }) }
    const flavors = await reading(context, (reader) => reader.list('flavors', page))
    return flavors.filter((flavor) => flavor.isPublic || (input.all && holds(context, 'admin'))).map(viewOfFlavor)
  },
})
