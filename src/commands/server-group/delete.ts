import { remove } from '../../actions/server-group/delete.ts'
import { commandFor } from '../../cli/command-for.ts'

export default commandFor(remove, {
  args: ['serverGroups'],
  aliases: ['server-group-delete'],
  ask: { serverGroups: { list: 'server-group.list' } },
  columns: ['id', 'name'],
  done: (gone) => (gone.length === 0 ? 'nothing to delete' : `deleted server group ${gone.map(({ name }) => name).join(', ')}`),
  examples: ['nova server-group delete web'],
})
