/** The OpenRPC document, made from the declarations of the actions. */
import { jsonSchemaOf } from '../core/schema.ts'
import type { ActionTable } from './dispatcher.ts'
import { faultCodes } from './fault-codes.ts'
import { metaSchema } from './message.ts'

/** Describes the actions and the daemon's own methods. */
export async function openRpc(actions: ActionTable, own: ReadonlyMap<string, string>, version: string): Promise<unknown> {
  const names = [...(await actions.names())].sort()
  const described = await Promise.all(names.map(async (name) => describe(await actions.load(name))))
  const plain = [...own].map(([name, summary]) => ({
    name,
    summary,
    paramStructure: 'by-name',
    params: [],
    result: anything,
  }))
  return {
    openrpc: '1.3.2',
    info: {
      title: 'novakit',
      version,
      description:
        'Parameters have names. The reserved parameter $call says how a call is to be done: ' +
        'plan (write down the steps, change nothing), at (a time or revision of the past), requestId, ' +
        'progress (send notifications `progress` with the id of the call), projectId, userId, roles.',
    },
    methods: [...described, ...plain],
    components: {
      schemas: { Call: jsonSchemaOf(metaSchema, 'input') },
      errors: Object.fromEntries(Object.entries(faultCodes).map(([kind, { rpc }]) => [kind, { code: rpc, message: kind }])),
    },
  }
}

const anything = { name: 'result', schema: {} }
const callParameter = { name: '$call', required: false, schema: { $ref: '#/components/schemas/Call' } }

async function describe({ name, summary, effect, policy, input, output }: Awaited<ReturnType<ActionTable['load']>>) {
  const schema = jsonSchemaOf(input, 'input')
  const required = new Set(Array.isArray(schema.required) ? schema.required : [])
  const properties = Object.entries(Object(schema.properties) as Record<string, object>)
  return {
    name,
    summary,
    'x-effect': effect,
    'x-role': policy,
    paramStructure: 'by-name',
    params: [...properties.map(([key, value]) => ({ name: key, required: required.has(key), schema: value })), callParameter],
    result: { name: 'result', schema: jsonSchemaOf(output, 'output') },
  }
}
