import { show } from '../../actions/server-group/show.ts'
import { commandFor } from '../../cli/command-for.ts'
import { serverGroupColumns } from '../../cli/noun-views.ts'

export default commandFor(show, {
  args: ['serverGroup'],
  aliases: ['server-group-get', 'server-group-show'],
  ask: { serverGroup: { list: 'server-group.list' } },
  ...serverGroupColumns,
  examples: ['nova server-group show web'],
})
