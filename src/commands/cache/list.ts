import { list } from '../../actions/cache/list.ts'
import { commandFor } from '../../cli/command-for.ts'

export default commandFor(list, {
  args: ['hosts'],
  columns: ['host', 'image', { key: 'bytes', label: 'SIZE', unit: 'bytes' }, 'users', { key: 'lastUsedAt', label: 'LAST USED' }],
  wide: ['digest'],
  examples: ['nova cache list', 'nova cache list kvm1 --json'],
})
