import { commandFor } from '../../cli/command-for.ts'
import { contextUse } from '../../cli/context-actions.ts'

export default commandFor(contextUse, {
  args: ['name'],
  done: ({ name }) => `commands use ${name} now`,
  examples: ['nova context use lab'],
})
