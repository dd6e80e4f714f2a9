import type { Action } from './action.ts'
import type { Call, Role } from './call.ts'
import { Fault } from './fault.ts'
import { parse } from './schema.ts'

const ranks: Record<Role, number> = { reader: 1, member: 2, admin: 3 }

/** True when the caller holds the role or a higher one. */
export const holds = (call: Pick<Call, 'roles'>, role: Role) => call.roles.some((held) => ranks[held] >= ranks[role])

/** The least role that may call an action; `nobody` closes it for all. */
export type RoleNeeded = Role | 'nobody'

/** The one way to run an action: parse, authorise, run, check the output (outside production). */
export async function perform<I, O, C extends Call>(
  action: Action<I, O, C>,
  rawInput: unknown,
  context: C,
  options: { readonly checkOutput?: boolean; readonly needs?: RoleNeeded | undefined } = {},
): Promise<O> {
  const needs = options.needs ?? action.policy
  if (needs === 'nobody') throw new Fault('forbidden', `${action.name} is closed by the policy`)
  if (!holds(context, needs))
    throw new Fault(
      'forbidden',
      `${action.name} needs the role ${needs}, ${context.userId} has ${context.roles.join(', ') || 'none'}`,
    )
  const input = parse(action.input, rawInput)
  const output = await action.run(input, context)
  return options.checkOutput ? checked(action, output) : output
}

function checked<I, O, C extends Call>(action: Action<I, O, C>, output: O): O {
  const result = action.output.safeParse(output)
  if (result.success) return output
  throw new Fault('internal', `${action.name} returned what it does not declare: ${result.error.message}`)
}
