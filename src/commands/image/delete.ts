import { remove } from '../../actions/image/delete.ts'
import { commandFor } from '../../cli/command-for.ts'

export default commandFor(remove, {
  args: ['images'],
  aliases: ['image-delete'],
  ask: { images: { list: 'image.list' } },
  columns: ['id', 'name'],
  done: (gone) => (gone.length === 0 ? 'nothing to delete' : `deleted image ${gone.map(({ name }) => name).join(', ')}`),
  examples: ['nova image delete cirros', 'nova image delete old-1 old-2 --yes'],
})
