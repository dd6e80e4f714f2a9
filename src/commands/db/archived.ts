import { archived } from '../../actions/db/archived.ts'
import { commandFor } from '../../cli/command-for.ts'

export default commandFor(archived, {
  columns: ['id', 'name', 'deletedAt', 'archivedAt', 'records'],
  wide: ['projectId'],
  examples: ['nova db archived', 'nova db archived --name web-1 --json'],
})
