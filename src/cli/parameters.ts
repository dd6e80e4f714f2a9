/** The positionals and flags of a command, made from the fields of its action's input. */
import type { AnyAction } from '../core/action.ts'
import { type Field, fieldsOf } from '../core/schema.ts'
import { kebab } from './columns.ts'
import type { FlagOptions, Parameter } from './command-options.ts'

interface Naming {
  readonly args?: readonly string[]
  readonly flags?: { readonly [field: string]: FlagOptions | undefined }
}

/** One parameter for each input field, positionals first in their order. */
export function parametersOf(action: AnyAction, naming: Naming): Parameter[] {
  const overrides = new Map(Object.entries(naming.flags ?? {}))
  const parameters = fieldsOf(action.input).map((field) => {
    const options = overrides.get(field.name) ?? {}
    const position = naming.args?.indexOf(field.name) ?? -1
    return { field, flag: options.name ?? kebab(field.name), options, position }
  })
  const positionals = parameters.filter((p) => p.position >= 0).sort((a, b) => a.position - b.position)
  return [...positionals, ...parameters.filter((p) => p.position < 0)]
}

/** True when `--no-x` makes sense: the value is true, or left as it is, without the flag. */
export const hasNegation = (field: Field) => field.kind === 'boolean' && field.default !== false

export const isMany = (field: Field) => field.kind === 'list' || field.kind === 'pairs'
