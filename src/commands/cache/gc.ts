import { gc } from '../../actions/cache/gc.ts'
import { commandFor } from '../../cli/command-for.ts'

export default commandFor(gc, {
  args: ['hosts'],
  columns: ['host', 'image', { key: 'bytes', label: 'SIZE', unit: 'bytes' }, 'digest'],
  examples: ['nova cache gc --plan', 'nova cache gc kvm1', 'nova cache gc --unused-for 604800'],
})
