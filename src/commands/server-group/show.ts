import { show } from '../../actions/server-group/show.ts'
import { commandFor } from '../../cli/command-for.ts'

export default commandFor(show, {
  args: ['serverGroup'],
  aliases: ['server-group-get', 'server-group-show'],
  ask: { serverGroup: { list: 'server-group.list' } },
  columns: ['id', 'name', 'policy', 'members'],
  wide: ['maxServerPerHost', 'projectId', 'createdAt'],
  examples: ['nova server-group show web'],
})
