import { commandFor } from '../../cli/command-for.ts'
import { rpcDiscover } from '../../cli/rpc-actions.ts'

export default commandFor(rpcDiscover, {
  render: (output) => JSON.stringify(output, undefined, 2),
  examples: ['nova rpc discover'],
})
