/**
 * Before something is destroyed a person sees what goes and says yes. In a pipe there is nobody to ask: things named
 * one by one on the command line go without `--yes`, as scripts for Nova expect; everything else needs it.
 */
import { Fault } from '../core/fault.ts'
import type { CommandSpec } from './command-spec.ts'
import { escapeText } from './escape.ts'
import type { Globals } from './global-flags.ts'
import type { Input } from './input-of.ts'
import { Interrupted } from './report-error.ts'
import type { Screen } from './screen.ts'

/** Resolves when the destroy may go on; `Interrupted` when the person said no. */
export async function confirmDestroy(spec: CommandSpec, input: Input, globals: Globals, screen: Screen): Promise<void> {
  if (spec.action.effect !== 'destroy' || spec.options.confirm === false || globals.yes || globals.plan) return
  const names = targetsOf(spec, input)
  if (!screen.interactive) {
    if (names.length > 0) return
    throw new Fault('invalid', `${spec.action.name} would ask first, and there is no terminal to ask on`, { hint: 'add --yes' })
  }
  const { confirm } = await import('./prompts.ts')
  if (!(await confirm(questionOf(spec, names, wordsAfter(spec, input))))) throw new Interrupted('nothing was changed')
}

/** Names given as positionals. */
function targetsOf(spec: CommandSpec, input: Input): string[] {
  const [first] = spec.parameters.filter((parameter) => parameter.position === 0)
  const value = first && input[first.field.name]
  const values = Array.isArray(value) ? value : value === undefined ? [] : [value]
  return values.map(String)
}

/** What else is named on the line: the disk of a server, the host of an aggregate. */
const wordsAfter = (spec: CommandSpec, input: Input): string[] =>
  spec.parameters.flatMap(({ position, field }) => {
    const value = position > 0 ? input[field.name] : undefined
    return typeof value === 'string' ? [value] : []
  })

function questionOf(spec: CommandSpec, names: readonly string[], after: readonly string[]): string {
  const [noun = 'record', verb = 'delete'] = spec.action.name.split('.')
  const object = noun.replaceAll('-', ' ')
  if (names.length === 0) return `${spec.action.summary}?`
  const shown = names.slice(0, 10).map(escapeText).join(', ')
  const more = names.length > 10 ? ` and ${names.length - 10} more` : ''
  const what = `${names.length === 1 ? object : `${names.length} ${object}s`} ${shown}${more}`
  const doing = verb.replaceAll('-', ' ')
  return after.length === 0 ? `${doing} ${what}?` : `${what}: ${doing} ${after.map(escapeText).join(' ')}?`
}
