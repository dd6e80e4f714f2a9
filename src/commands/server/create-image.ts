import { createImageOf } from '../../actions/server/create-image.ts'
import { commandFor } from '../../cli/command-for.ts'

export default commandFor(createImageOf, {
  args: ['server', 'name'],
  aliases: ['image-create', 'server-image-create'],
  ask: { server: { list: 'server.list' } },
  flags: { properties: { name: 'property' } },
  columns: ['id', 'name', 'status', 'size', 'minDisk'],
  examples: ['nova image-create web-1 web-1-before-upgrade', 'nova server create-image web-1 golden --property purpose=golden'],
})
