/** Every method of a daemon's doors, with its parameters and its result. */
import { faultCodes, messageCodes } from '../../src/api/fault-codes.ts'
import { limits } from '../../src/api/limits.ts'
import { metaSchema } from '../../src/api/message.ts'
import { methodSummaries } from '../../src/api/methods.ts'
import { actionTable } from '../../src/cli/action-table.ts'
import type { AnyAction } from '../../src/core/action.ts'
import { jsonSchemaOf, type Schema } from '../../src/core/schema.ts'
import { capital, resultOf } from './command-pages.ts'
import { code, type Page, page, sorted, table } from './page.ts'
import { shapeOf } from './shape.ts'

/** docs/reference/rpc.md. */
export async function rpcPage(): Promise<Page> {
  const names = sorted([...(await actionTable.names())], (name) => name)
  const actions = await Promise.all(names.map((name) => actionTable.load(name)))
  return page('rpc.md', 'RPC methods', [
    'JSON-RPC 2.0 over the socket of a daemon and over HTTPS ([run the daemon](../how-to/run-the-daemon.md)). Every action is a method; ' +
      'parameters have names, and an unknown one is refused. `nova rpc discover` prints the same as an OpenRPC document. ' +
      `A frame has ${limits.frameBytes / 1024 ** 2} MiB at most, ${limits.depth} levels, and a batch ${limits.batch} calls.`,
    '## How a call is done',
    'The reserved parameter `$call` is taken by every method of an action. With `plan` nothing is changed and the steps are the answer, ' +
      'with `at` records are read as they were, with `progress` notifications `progress` with the id of the call come before its answer.',
    parameters(metaSchema),
    '## Errors',
    'The member `data` has the kind of the fault, its hint and its details; the message is the line that the command prints.',
    table(
      ['kind', 'code', 'HTTP'],
      [
        ...Object.entries(messageCodes).map(([kind, rpc]) => [`message: ${kind}`, String(rpc), '200']),
        ...Object.entries(faultCodes).map(([kind, { rpc, http }]) => [kind, String(rpc), String(http)]),
      ],
    ),
    "## The daemon's own methods",
    table(
      ['method', 'does'],
      [...methodSummaries].map(([name, summary]) => [code(name), summary]),
    ),
    '## Actions',
    ...actions.flatMap(methodBlocks),
  ])
}

function methodBlocks(action: AnyAction): string[] {
  const { name, summary, effect, policy } = action
  const given = parameters(action.input)
  return [
    `### ${name}`,
    `${capital(summary)}. Effect: ${effect}; least role: ${policy}.`,
    ...(given === '' ? ['No parameters.'] : [given]),
    ...resultOf(action, 'Result', 'records.md'),
  ]
}

function parameters(schema: Schema): string {
  const { required } = jsonSchemaOf(schema, 'input')
  const needed = new Set<unknown>(Array.isArray(required) ? required : [])
  return table(
    ['parameter', 'type', '', 'meaning'],
    shapeOf(schema, undefined, 'input').keys.map(({ name, type, meaning }) => [
      code(name),
      type,
      needed.has(name) ? 'required' : '',
      meaning,
    ]),
  )
}
