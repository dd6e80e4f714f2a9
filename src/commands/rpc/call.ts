import { commandFor } from '../../cli/command-for.ts'
import { rpcCall } from '../../cli/rpc-actions.ts'

export default commandFor(rpcCall, {
  args: ['method', 'params'],
  render: (output) => JSON.stringify(output, undefined, 2),
  examples: [`nova rpc call server.list '{"limit": 10}'`, `nova rpc call server.create '{"name": "web-1", "flavor": "m1.tiny"}'`],
})
