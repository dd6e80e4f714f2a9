/** How a parameter is written: in usage lines, in tables and on man pages. */
import type { ParameterDescription } from '../../src/cli/describe-commands.ts'
import type { LoadedCommand } from './load-commands.ts'

const shown = ({ flags }: LoadedCommand) => flags.filter(({ hidden }) => !hidden)

/** Positionals, then flags. */
export const parametersOf = (command: LoadedCommand) => [...command.args, ...shown(command)]

/** `nova server create NAME --flavor VALUE [flags]`. */
export function usage(command: LoadedCommand): string {
  const required = shown(command).filter((flag) => flag.required)
  const words = [...command.args.map(positional), ...required.map((flag) => `${flag.label}${value(flag)}`)]
  return ['nova', command.name, ...words, ...(shown(command).length > required.length ? ['[flags]'] : [])].join(' ')
}

function positional({ label, many, required }: ParameterDescription): string {
  const term = many ? `${label}...` : label
  return required ? term : `[${term}]`
}

/** `-k, --[no-]wait`, with what it takes. */
export function term(parameter: ParameterDescription): string {
  if (!parameter.label.startsWith('--')) return parameter.many ? `${parameter.label}...` : parameter.label
  const name = parameter.negatable ? parameter.label.replace('--', '--[no-]') : parameter.label
  return `${parameter.char === null ? '' : `-${parameter.char}, `}${name}${value(parameter)}`
}

function value({ kind, file, many, options }: ParameterDescription): string {
  if (kind === 'boolean') return ''
  if (file) return ' FILE'
  if (kind === 'pairs') return ' KEY=VALUE'
  if (kind === 'integer' || kind === 'number') return ' N'
  if (options.length > 0) return ` ${options.join('|')}`
  return many ? ' VALUE ...' : ' VALUE'
}

/** What it means, its default and its other names. */
export function meaning(parameter: ParameterDescription): string {
  const { description, default: fallback, kind, required, aliases } = parameter
  const hasDefault = fallback !== null && kind !== 'boolean' && fallback !== '' && !(Array.isArray(fallback) && !fallback.length)
  return [
    description,
    ...(hasDefault ? [`default ${String(fallback)}`] : []),
    ...(kind === 'boolean' && fallback === true ? ['on unless told otherwise'] : []),
    ...(required ? ['required'] : []),
    ...(kind === 'pairs' || (parameter.many && parameter.label.startsWith('--')) ? ['may be repeated'] : []),
    ...(aliases.length > 0 ? [`also ${aliases.map((alias) => `--${alias}`).join(', ')}`] : []),
  ].join('; ')
}
