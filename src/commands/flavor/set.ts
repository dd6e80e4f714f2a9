import { set } from '../../actions/flavor/set.ts'
import { commandFor } from '../../cli/command-for.ts'

export default commandFor(set, {
  args: ['flavor', 'extraSpecs'],
  aliases: ['flavor-key', 'flavor-update'],
  flags: { isPublic: { name: 'public' } },
  ask: { flavor: { list: 'flavor.list' } },
  columns: ['id', 'name', 'ram', 'vcpus', 'disk', 'ephemeral', 'swap'],
  wide: ['isPublic', 'extraSpecs', 'description', 'createdAt'],
  examples: [
    'nova flavor set m1.tiny hw:cpu_policy=dedicated',
    "nova flavor set m1.tiny --description 'for tests'",
    'nova flavor set m1.tiny --no-public',
  ],
})
