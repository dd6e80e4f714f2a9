import { create } from '../../actions/token/create.ts'
import { commandFor } from '../../cli/command-for.ts'

export default commandFor(create, {
  args: ['name'],
  flags: { in: { name: 'project' }, roles: { name: 'role' } },
  columns: ['token', 'id', 'name', 'userId', 'projectId', 'roles', 'expiresAt'],
  examples: ['nova token create ci --user ci --project web --role member --days 30'],
})
