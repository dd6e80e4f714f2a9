import { show } from '../../actions/flavor/show.ts'
import { commandFor } from '../../cli/command-for.ts'
import { flavorColumns } from '../../cli/noun-views.ts'

export default commandFor(show, {
  args: ['flavor'],
  aliases: ['flavor-show'],
  ask: { flavor: { list: 'flavor.list' } },
  ...flavorColumns,
  examples: ['nova flavor show m1.tiny'],
})
