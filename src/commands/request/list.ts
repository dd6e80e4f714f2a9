import { list } from '../../actions/request/list.ts'
import { commandFor } from '../../cli/command-for.ts'

export default commandFor(list, {
  columns: ['id', 'action', 'serverName', 'servers', 'createdAt', 'fault'],
  wide: ['userId'],
  examples: ['nova request list', 'nova request list --refused --server-name web-1'],
})
