import { list } from '../../actions/token/list.ts'
import { commandFor } from '../../cli/command-for.ts'

export default commandFor(list, {
  columns: ['id', 'name', 'userId', 'projectId', 'roles', 'expiresAt', 'revokedAt'],
  wide: ['createdBy', 'createdAt'],
  examples: ['nova token list'],
})
