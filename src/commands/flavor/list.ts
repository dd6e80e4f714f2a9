import { list } from '../../actions/flavor/list.ts'
import { commandFor } from '../../cli/command-for.ts'
import { flavorColumns } from '../../cli/noun-views.ts'

export default commandFor(list, {
  aliases: ['flavor-list'],
  ...flavorColumns,
  examples: ['nova flavor list', 'nova flavor list --sort ram:desc', 'nova flavor list -f wide --all'],
})
