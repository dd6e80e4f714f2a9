import { commandFor } from '../../cli/command-for.ts'
import { contextRemove } from '../../cli/context-actions.ts'

export default commandFor(contextRemove, {
  args: ['name'],
  done: ({ name }) => `${name} is forgotten`,
  examples: ['nova context remove lab'],
})
