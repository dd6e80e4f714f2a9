/** Every command as data, from the same declarations that run it: for help, completion, man pages and the reference. */
import type { Field } from '../core/schema.ts'
import { type ActionCommand, isActionCommand } from './command-for.ts'
import type { Parameter } from './command-options.ts'
import { labelOf } from './input-of.ts'
import { hasNegation, isMany } from './parameters.ts'
import { knownColumns } from './render.ts'

export interface ParameterDescription {
  /** `NAME` of a positional, `--flag` of the rest. */
  readonly label: string
  readonly field: string
  readonly kind: Field['kind']
  readonly char: string | null
  readonly aliases: readonly string[]
  readonly required: boolean
  readonly many: boolean
  readonly negatable: boolean
  readonly file: boolean
  readonly description: string
  readonly options: readonly string[]
  readonly default: unknown
  readonly hidden: boolean
}

export interface CommandDescription {
  /** `server:create`. */
  readonly id: string
  readonly summary: string
  readonly action: string | null
  readonly effect: 'read' | 'write' | 'destroy'
  readonly policy: string
  readonly aliases: readonly string[]
  readonly args: readonly ParameterDescription[]
  readonly flags: readonly ParameterDescription[]
  readonly examples: readonly string[]
  readonly columns: readonly string[]
  readonly isList: boolean
  readonly hidden: boolean
}

interface Loader {
  ids(): readonly string[]
  load(id: string): Promise<{ default?: unknown }> | undefined
}

/** Loads every command and describes it. */
export async function describeCommands(table: Loader): Promise<CommandDescription[]> {
  const loaded = await Promise.all(table.ids().map(async (id) => ({ id, command: (await table.load(id))?.default })))
  return loaded.flatMap(({ id, command }) => (isActionCommand(command) ? [describeCommand(id, command)] : []))
}

/** The description of one command. */
export function describeCommand(id: string, { spec }: typeof ActionCommand): CommandDescription {
  const { action, options, parameters } = spec
  return {
    id,
    summary: action.summary,
    action: action.name,
    effect: action.effect,
    policy: action.policy,
    aliases: options.aliases ?? [],
    args: parameters.filter((parameter) => parameter.position >= 0).map(describeParameter),
    flags: parameters.filter((parameter) => parameter.position < 0).map(describeParameter),
    examples: options.examples ?? [],
    columns: [...new Set([...knownColumns(options).map((column) => column.key), ...spec.outputFields])],
    isList: spec.isList,
    hidden: options.hidden ?? false,
  }
}

function describeParameter(parameter: Parameter): ParameterDescription {
  const { field, options } = parameter
  return {
    label: labelOf(parameter),
    field: field.name,
    kind: field.kind,
    char: options.char ?? null,
    aliases: options.aliases ?? [],
    required: field.required,
    many: isMany(field),
    negatable: hasNegation(field),
    file: options.file !== undefined && options.file !== false,
    description: field.description,
    options: field.options,
    default: field.default ?? null,
    hidden: options.hidden ?? false,
  }
}
