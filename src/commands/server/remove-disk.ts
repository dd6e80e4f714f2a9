import { removeDisk } from '../../actions/server/remove-disk.ts'
import { commandFor } from '../../cli/command-for.ts'

export default commandFor(removeDisk, {
  args: ['server', 'disk'],
  aliases: ['disk-detach', 'server-remove-disk'],
  ask: { server: { list: 'server.list' } },
  columns: ['server', 'name', 'role', { key: 'bytes', label: 'SIZE', unit: 'bytes' }, 'format', 'serial', 'device'],
  examples: ['nova server remove-disk web-1 data', 'nova disk-detach web-1 data --yes'],
})
