import { unset } from '../../actions/flavor/unset.ts'
import { commandFor } from '../../cli/command-for.ts'

export default commandFor(unset, {
  args: ['flavor', 'extraSpecs'],
  ask: { flavor: { list: 'flavor.list' } },
  columns: ['id', 'name', 'ram', 'vcpus', 'disk', 'ephemeral', 'swap'],
  wide: ['isPublic', 'extraSpecs', 'description', 'createdAt'],
  examples: ['nova flavor unset m1.tiny hw:cpu_policy', 'nova flavor unset m1.tiny --description'],
})
