import { list } from '../../actions/operation/list.ts'
import { commandFor } from '../../cli/command-for.ts'

export default commandFor(list, {
  columns: ['id', 'action', 'serverId', 'status', 'step', 'owner', 'startedAt'],
  wide: ['error'],
  examples: ['nova operation list'],
})
