import { set } from '../../actions/flavor/set.ts'
import { commandFor } from '../../cli/command-for.ts'
import { flavorColumns } from '../../cli/noun-views.ts'

export default commandFor(set, {
  args: ['flavor', 'extraSpecs'],
  aliases: ['flavor-key', 'flavor-update'],
  flags: { isPublic: { name: 'public' } },
  ask: { flavor: { list: 'flavor.list' } },
  ...flavorColumns,
  examples: [
    'nova flavor set m1.tiny hw:cpu_policy=dedicated',
    "nova flavor set m1.tiny --description 'for tests'",
    'nova flavor set m1.tiny --no-public',
  ],
})
