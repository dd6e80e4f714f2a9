import { commandFor } from '../../cli/command-for.ts'
import { contextList } from '../../cli/context-actions.ts'

export default commandFor(contextList, {
  columns: ['name', 'current', 'state', 'endpoint', 'project'],
  sort: 'name',
  examples: ['nova context list'],
})
