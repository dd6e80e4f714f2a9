import { unset } from '../../actions/flavor/unset.ts'
import { commandFor } from '../../cli/command-for.ts'
import { flavorColumns } from '../../cli/noun-views.ts'

export default commandFor(unset, {
  args: ['flavor', 'extraSpecs'],
  ask: { flavor: { list: 'flavor.list' } },
  ...flavorColumns,
  examples: ['nova flavor unset m1.tiny hw:cpu_policy', 'nova flavor unset m1.tiny --description'],
})
