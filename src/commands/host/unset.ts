import { unset } from '../../actions/host/unset.ts'
import { commandFor } from '../../cli/command-for.ts'
import { hostColumns } from '../../cli/noun-views.ts'

export default commandFor(unset, {
  args: ['host'],
  ask: { host: { list: 'host.list' } },
  ...hostColumns,
  examples: ['nova host unset here --cpu-allocation-ratio'],
})
