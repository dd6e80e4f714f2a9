/** The flags that every command has, by what its action does; and their values, read once. */
import { boolean, string } from '@oclif/core/flags'
import { Fault } from '../core/fault.ts'
import { nearest } from '../core/nearest.ts'
import { type Format, formats } from './formats.ts'
import { manyTexts } from './oclif-flags.ts'

type Effect = 'read' | 'write' | 'destroy'

/** The flags for an action of this effect; `isList` adds those that choose rows. */
export function globalFlags(effect: Effect, isList: boolean) {
  return {
    ...connectionFlags(),
    ...outputFlags(),
    ...(isList && effect === 'read' ? listFlags() : {}),
    ...(effect === 'read' ? { at: string({ description: 'as it was then: a time or a revision' }) } : writeFlags()),
    ...(effect === 'destroy' ? { yes: boolean({ char: 'y', description: 'do not ask' }) } : {}),
  }
}

const connectionFlags = () => ({
  state: string({ description: 'state directory' }),
  project: string({ description: 'project' }),
  context: string({ description: 'named context' }),
  endpoint: string({ description: 'https://… or unix:PATH of a daemon' }),
  'no-daemon': boolean({ description: 'open the records here, also when a daemon is up' }),
})

const outputFlags = () => ({
  format: string({ char: 'f', description: 'output format' }),
  json: boolean({ description: 'same as -f json' }),
  column: manyTexts({ char: 'c', aliases: ['columns'], description: 'column; repeat for more; help lists them' }),
  'no-header': boolean({ description: 'no heading line' }),
  color: string({ description: 'auto, always or never' }),
  quiet: boolean({ char: 'q', description: 'no progress, no notes' }),
  debug: boolean({ description: 'calls, request id and stack traces' }),
})

const listFlags = () => ({
  sort: string({ aliases: ['sort-column'], description: 'column, or column:desc' }),
  filter: manyTexts({ description: 'column=value, * for any text' }),
  limit: string({ description: 'at most this many' }),
  marker: string({ description: 'only records after this id' }),
})

const writeFlags = () => ({
  plan: boolean({ aliases: ['dry-run'], description: 'print the steps and commands, change nothing' }),
  timeout: string({ description: 'seconds to wait for the work' }),
})

/** The values of the global flags of one command line. */
export interface Globals {
  readonly state: string | undefined
  readonly project: string | undefined
  readonly context: string | undefined
  readonly endpoint: string | undefined
  readonly daemon: boolean
  readonly format: Format
  /** True when the user named a format. */
  readonly formatGiven: boolean
  readonly columns: readonly string[]
  readonly header: boolean
  readonly quiet: boolean
  readonly debug: boolean
  readonly at: string | undefined
  readonly plan: boolean
  readonly yes: boolean
  readonly timeoutMs: number | undefined
  readonly sort: string | undefined
  readonly filters: readonly string[]
  readonly limit: number | undefined
  readonly marker: string | undefined
}

type Values = Readonly<Record<string, unknown>>

/** Reads and checks the global values. */
export function readGlobals(flags: Values): Globals {
  const format = formatOf(flags)
  const color = textOf(flags, 'color')
  if (color !== undefined && !['auto', 'always', 'never'].includes(color))
    throw new Fault('invalid', `--color must be auto, always or never, not "${color}"`)
  return {
    state: textOf(flags, 'state'),
    project: textOf(flags, 'project'),
    context: textOf(flags, 'context'),
    endpoint: textOf(flags, 'endpoint'),
    daemon: flags['no-daemon'] !== true,
    format: format ?? 'table',
    formatGiven: format !== undefined,
    columns: textsOf(flags, 'column')
      .flatMap((word) => word.split(','))
      .filter(Boolean),
    header: flags['no-header'] !== true,
    quiet: flags.quiet === true,
    debug: flags.debug === true,
    at: textOf(flags, 'at'),
    plan: flags.plan === true,
    yes: flags.yes === true,
    timeoutMs: numberOf(flags, 'timeout', 1000),
    sort: textOf(flags, 'sort'),
    filters: textsOf(flags, 'filter'),
    limit: numberOf(flags, 'limit', 1),
    marker: textOf(flags, 'marker'),
  }
}

/** `-f hosts.yaml` of a command that takes a file: no format is called so. */
export function fileOfFormat(spec: { readonly parameters: readonly { readonly flag: string }[] }, flags: Values): Values {
  const word = textOf(flags, 'format')
  if (word === undefined || !/\.(ya?ml|json)$|^-$/.test(word) || !spec.parameters.some(({ flag }) => flag === 'file'))
    return flags
  const { format: _, ...rest } = flags
  return { ...rest, file: [...textsOf(flags, 'file'), word] }
}

function formatOf(flags: Values): Format | undefined {
  const word = flags.json === true ? 'json' : textOf(flags, 'format')
  if (word === undefined) return undefined
  const format = formats.find((known) => known === word)
  if (format) return format
  const [near] = nearest(word, formats)
  throw new Fault('invalid', `--format must be one of: ${formats.join(', ')}; not "${word}"`, {
    ...(near === undefined ? {} : { hint: `did you mean ${near}?` }),
  })
}

function textOf(flags: Values, name: string): string | undefined {
  const value = flags[name]
  return typeof value === 'string' ? value : undefined
}

function textsOf(flags: Values, name: string): string[] {
  const value = flags[name]
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : []
}

function numberOf(flags: Values, name: string, factor: number): number | undefined {
  const text = textOf(flags, name)
  if (text === undefined) return undefined
  if (!/^\d{1,9}(\.\d{1,3})?$/.test(text)) throw new Fault('invalid', `--${name} must be a number, not "${text}"`)
  return Math.ceil(Number(text) * factor)
}
