import { remove } from '../../actions/keypair/delete.ts'
import { commandFor } from '../../cli/command-for.ts'

export default commandFor(remove, {
  args: ['keypairs'],
  aliases: ['keypair-delete'],
  ask: { keypairs: { list: 'keypair.list' } },
  columns: ['name'],
  done: (gone) => (gone.length === 0 ? 'nothing to delete' : `deleted keypair ${gone.map(({ name }) => name).join(', ')}`),
  examples: ['nova keypair delete mine'],
})
