import { list } from '../../actions/server-group/list.ts'
import { commandFor } from '../../cli/command-for.ts'
import { serverGroupColumns } from '../../cli/noun-views.ts'

export default commandFor(list, {
  aliases: ['server-group-list'],
  ...serverGroupColumns,
  examples: ['nova server-group list', 'nova server-group list --all-projects'],
})
