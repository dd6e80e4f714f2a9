import { remove } from '../../actions/flavor/delete.ts'
import { commandFor } from '../../cli/command-for.ts'

export default commandFor(remove, {
  args: ['flavors'],
  aliases: ['flavor-delete'],
  ask: { flavors: { list: 'flavor.list' } },
  columns: ['id', 'name'],
  done: (gone) => (gone.length === 0 ? 'nothing to delete' : `deleted flavor ${gone.map(({ name }) => name).join(', ')}`),
  examples: ['nova flavor delete m1.nano', 'nova flavor delete m1.nano m1.micro --yes'],
})
