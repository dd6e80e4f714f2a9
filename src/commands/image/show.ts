import { show } from '../../actions/image/show.ts'
import { commandFor } from '../../cli/command-for.ts'

export default commandFor(show, {
  args: ['image'],
  aliases: ['image-show'],
  ask: { image: { list: 'image.list' } },
  columns: ['id', 'name', 'status', 'format', 'size', 'virtualSize', 'visibility'],
  wide: ['minRam', 'minDisk', 'protected', 'checksum', 'properties', 'createdAt'],
  examples: ['nova image show cirros'],
})
