import { remove } from '../../actions/host/remove.ts'
import { commandFor } from '../../cli/command-for.ts'

export default commandFor(remove, {
  args: ['hosts'],
  ask: { hosts: { list: 'host.list' } },
  columns: ['id', 'name'],
  done: (gone) => (gone.length === 0 ? 'nothing to remove' : `removed host ${gone.map(({ name }) => name).join(', ')}`),
  examples: ['nova host remove here'],
})
