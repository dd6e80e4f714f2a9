import { sync } from '../../actions/db/sync.ts'
import { commandFor } from '../../cli/command-for.ts'

export default commandFor(sync, {
  done: ({ place, schema }) => `${place} has schema ${schema}`,
  examples: ['nova db sync'],
})
