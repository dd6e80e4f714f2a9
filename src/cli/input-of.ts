/** From words and flags to an action's input: numbers, pairs, files. Every refusal names the flag. */
import { Fault } from '../core/fault.ts'
import { nearest } from '../core/nearest.ts'
import type { Parameter } from './command-options.ts'
import { inputPath, readInput } from './outside.ts'
import { isMany } from './parameters.ts'

type Flags = Readonly<Record<string, unknown>>
export type Input = Record<string, unknown>

/** How the user knows a parameter: `NAME` for a positional, `--flag` for the rest. */
export const labelOf = (parameter: Parameter) =>
  parameter.position >= 0 ? parameter.flag.replaceAll('-', '_').toUpperCase() : `--${parameter.flag}`

/** The input that the command line gives; fields that were not given are absent. */
export function inputOf(parameters: readonly Parameter[], words: readonly string[], flags: Flags): Input {
  const positionals = parameters.filter((parameter) => parameter.position >= 0)
  const last = positionals.at(-1)
  if (words.length > positionals.length && !(last && isMany(last.field))) throw unexpected(words[positionals.length] ?? '')
  const entries = parameters.map((parameter) => {
    const given = parameter.position >= 0 ? wordsFor(parameter, words) : flags[parameter.flag]
    return [parameter.field.name, given === undefined ? undefined : typed(parameter, given)] as const
  })
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined))
}

const unexpected = (word: string) =>
  new Fault('invalid', `unexpected argument "${word}"`, { hint: 'quote a value that has spaces in it' })

function wordsFor(parameter: Parameter, words: readonly string[]): unknown {
  if (!isMany(parameter.field)) return words[parameter.position]
  const rest = words.slice(parameter.position)
  return rest.length === 0 ? undefined : rest
}

function typed(parameter: Parameter, given: unknown): unknown {
  if (typeof given === 'boolean') return given
  const { kind } = parameter.field
  if (Array.isArray(given)) return given.map(String).map((text) => (kind === 'pairs' ? pairOf(parameter, text) : text))
  return scalarOf(parameter, String(given))
}

function pairOf(parameter: Parameter, text: string): [string, string] {
  const at = text.indexOf('=')
  if (at < 1) throw new Fault('invalid', `${labelOf(parameter)} "${text}" is not key=value`)
  return [text.slice(0, at), text.slice(at + 1)]
}

function scalarOf(parameter: Parameter, text: string): unknown {
  const { field, options } = parameter
  if (options.file) return fileValue(parameter, text)
  if (field.kind === 'integer' || field.kind === 'number') return numberOf(parameter, text)
  if (field.kind === 'enum') return choiceOf(parameter, text)
  if (field.kind === 'boolean') return truthOf(parameter, text)
  return text
}

function fileValue(parameter: Parameter, file: string): string {
  const label = labelOf(parameter)
  if (parameter.options.file === 'path') return inputPath(file, label)
  const content = readInput(file, label)
  return content.toString(parameter.options.file === 'base64' ? 'base64' : 'utf8')
}

function numberOf(parameter: Parameter, text: string): number {
  const isWhole = parameter.field.kind === 'integer'
  if ((isWhole ? /^[+-]?\d{1,15}$/ : /^[+-]?\d{1,15}(\.\d{1,9})?$/).test(text)) return Number(text)
  throw new Fault('invalid', `${labelOf(parameter)} must be a ${isWhole ? 'whole ' : ''}number, not "${text}"`)
}

function choiceOf(parameter: Parameter, text: string): string {
  const choices = parameter.field.options
  const found = choices.find((choice) => choice === text) ?? choices.find((choice) => choice.toLowerCase() === text.toLowerCase())
  if (found !== undefined) return found
  const [near] = nearest(text, choices)
  throw new Fault('invalid', `${labelOf(parameter)} must be one of: ${choices.join(', ')}; not "${text}"`, {
    ...(near === undefined ? {} : { hint: `did you mean ${near}?` }),
  })
}

function truthOf(parameter: Parameter, text: string): boolean {
  if (/^(true|yes|on|1)$/i.test(text)) return true
  if (/^(false|no|off|0)$/i.test(text)) return false
  throw new Fault('invalid', `${labelOf(parameter)} must be true or false, not "${text}"`)
}

/** The required parameters that are still missing. */
export const missingFrom = (parameters: readonly Parameter[], input: Input) =>
  parameters.filter(({ field }) => field.required && input[field.name] === undefined)
