import type { Call, Role } from './call.ts'
import type { Schema } from './schema.ts'

/** Who may call an action: the least role needed. Project scope is in every store query. */
export type Policy = Role

// biome-ignore lint/suspicious/noExplicitAny: tables of actions hold every input and output
export type AnyAction = Action<any, any, any>

/**
 * One verb, declared once. From it come the CLI flags, the RPC method, parameter checks, the policy check,
 * redaction of secrets and the reference page.
 */
export interface Action<I, O, C extends Call> {
  /** `noun.verb`, equal to its path under src/actions. */
  readonly name: string
  /** Lower case, no full stop. */
  readonly summary: string
  readonly effect: 'read' | 'write' | 'destroy'
  readonly policy: Policy
  readonly input: Schema<I>
  readonly output: Schema<O>
  /** Input fields that no log, journal or error may show. */
  readonly secrets?: readonly (keyof I & string)[]
  run(input: I, context: C): Promise<O>
}
