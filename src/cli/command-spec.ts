/** A command with everything worked out: what oclif, help, completion and the run need. */
import type { AnyAction } from '../core/action.ts'
import { outputFieldsOf } from '../core/schema.ts'
import type { CommandOptions, Parameter } from './command-options.ts'
import { parametersOf } from './parameters.ts'

// biome-ignore lint/suspicious/noExplicitAny: the table of commands holds every input and output
export type AnyOptions = CommandOptions<any, any>

export interface CommandSpec {
  readonly action: AnyAction
  readonly options: AnyOptions
  readonly parameters: readonly Parameter[]
  readonly isList: boolean
  readonly outputFields: readonly string[]
}

/** Works a command out from its action and its options. */
export function commandSpec(action: AnyAction, options: AnyOptions): CommandSpec {
  const { isList, fields } = outputFieldsOf(action.output)
  const parameters = parametersOf(action, options)
  return { action, options, parameters, isList: isList || options.items !== undefined, outputFields: fields }
}
