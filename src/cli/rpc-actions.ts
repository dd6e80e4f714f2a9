/** `nova rpc …`: any action by its name, with JSON. */
import { Fault } from '../core/fault.ts'
import { object, text, z } from '../core/schema.ts'
import { actionTable } from './action-table.ts'
import { commandTable } from './command-table.ts'
import { connect } from './connect.ts'
import { defineLocal } from './local-action.ts'

/** Bytes of JSON that a call may have: one frame. */
const mostJson = 1024 ** 2

export const rpcCall = defineLocal({
  name: 'rpc.call',
  summary: 'call an action by its name with JSON, and print its JSON',
  effect: 'write',
  policy: 'reader',
  input: object({
    method: text(128).describe('name of the action, for example server.list'),
    params: text(mostJson).default('{}').describe('input as one JSON object'),
  }),
  output: z.unknown(),
  async run({ method, params }, call) {
    const connection = await connect(call.target())
    const { signal, progress, requestId, plan } = call
    try {
      return await connection.call(method, parsed(params), { signal, progress, requestId, plan })
    } finally {
      await connection.close()
    }
  },
})

function parsed(params: string): object {
  try {
    const value: unknown = JSON.parse(params)
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value
  } catch (cause) {
    throw new Fault('invalid', 'PARAMS is not JSON', { hint: `nova rpc call server.list '{"limit": 10}'`, cause })
  }
  throw new Fault('invalid', 'PARAMS must be one JSON object')
}

export const rpcDiscover = defineLocal({
  name: 'rpc.discover',
  summary: 'print the OpenRPC document of all methods',
  effect: 'read',
  policy: 'reader',
  input: object({}),
  output: z.unknown(),
  run: async () => (await import('../main/discover.ts')).discover(actionTable, commandTable.version),
})
