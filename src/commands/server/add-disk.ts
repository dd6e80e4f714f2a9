import { addDisk } from '../../actions/server/add-disk.ts'
import { commandFor } from '../../cli/command-for.ts'

export default commandFor(addDisk, {
  args: ['server'],
  aliases: ['disk-attach', 'server-add-disk'],
  ask: { server: { list: 'server.list' } },
  columns: ['server', 'name', { key: 'bytes', label: 'SIZE', unit: 'bytes' }, 'format', 'serial', 'device'],
  examples: ['nova server add-disk web-1 --size 20', 'nova disk-attach web-1 --size 100 --name data'],
})
