import { show } from '../../actions/image/show.ts'
import { commandFor } from '../../cli/command-for.ts'
import { imageColumns } from '../../cli/noun-views.ts'

export default commandFor(show, {
  args: ['image'],
  aliases: ['image-show'],
  ask: { image: { list: 'image.list' } },
  ...imageColumns,
  examples: ['nova image show cirros'],
})
