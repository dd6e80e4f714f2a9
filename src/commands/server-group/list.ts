import { list } from '../../actions/server-group/list.ts'
import { commandFor } from '../../cli/command-for.ts'

export default commandFor(list, {
  aliases: ['server-group-list'],
  columns: ['id', 'name', 'policy', 'members'],
  wide: ['maxServerPerHost', 'projectId', 'createdAt'],
  examples: ['nova server-group list', 'nova server-group list --all-projects'],
})
