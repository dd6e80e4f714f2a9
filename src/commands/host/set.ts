import { set } from '../../actions/host/set.ts'
import { commandFor } from '../../cli/command-for.ts'
import { hostColumns } from '../../cli/noun-views.ts'

export default commandFor(set, {
  args: ['host'],
  aliases: ['host-update'],
  ask: { host: { list: 'host.list' } },
  ...hostColumns,
  examples: [
    "nova host set here --disable --reason 'new disk'",
    'nova host set here --enable',
    'nova host set here --cpu-allocation-ratio 4',
  ],
})
