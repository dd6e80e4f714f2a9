import { list } from '../../actions/keypair/list.ts'
import { commandFor } from '../../cli/command-for.ts'

export default commandFor(list, {
  aliases: ['keypair-list'],
  columns: ['name', 'type', 'fingerprint'],
  wide: ['sha256', 'createdAt'],
  sort: 'name',
  examples: ['nova keypair list', 'nova keypair list -f wide'],
})
