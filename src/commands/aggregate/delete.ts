import { remove } from '../../actions/aggregate/delete.ts'
import { commandFor } from '../../cli/command-for.ts'

export default commandFor(remove, {
  args: ['aggregates'],
  aliases: ['aggregate-delete'],
  ask: { aggregates: { list: 'aggregate.list' } },
  columns: ['id', 'name'],
  done: (gone) => (gone.length === 0 ? 'nothing to delete' : `deleted aggregate ${gone.map(({ name }) => name).join(', ')}`),
  examples: ['nova aggregate delete rack-1'],
})
