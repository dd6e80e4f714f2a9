import { show } from '../../actions/keypair/show.ts'
import { commandFor } from '../../cli/command-for.ts'

export default commandFor(show, {
  args: ['keypair'],
  aliases: ['keypair-show'],
  ask: { keypair: { list: 'keypair.list' } },
  columns: ['name', 'type', 'fingerprint', 'sha256', 'publicKey', 'createdAt'],
  examples: ['nova keypair show mine', 'nova keypair show mine -f value -c public-key'],
})
