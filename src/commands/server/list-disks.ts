import { listDisks } from '../../actions/server/list-disks.ts'
import { commandFor } from '../../cli/command-for.ts'

export default commandFor(listDisks, {
  args: ['server'],
  aliases: ['disk-list', 'server-list-disks'],
  ask: { server: { list: 'server.list' } },
  columns: ['name', 'role', { key: 'bytes', label: 'SIZE', unit: 'bytes' }, 'format', 'serial', 'device'],
  wide: ['id', 'attachedAt'],
  examples: ['nova server list-disks web-1', 'nova disk-list web-1 --json'],
})
