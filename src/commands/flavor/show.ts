import { show } from '../../actions/flavor/show.ts'
import { commandFor } from '../../cli/command-for.ts'

export default commandFor(show, {
  args: ['flavor'],
  aliases: ['flavor-show'],
  ask: { flavor: { list: 'flavor.list' } },
  columns: ['id', 'name', 'ram', 'vcpus', 'disk', 'ephemeral', 'swap'],
  wide: ['isPublic', 'extraSpecs', 'description', 'createdAt'],
  examples: ['nova flavor show m1.tiny'],
})
