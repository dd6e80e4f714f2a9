/** Questions on a terminal. inquirer is loaded only when there is one to ask. */
import { Fault } from '../core/fault.ts'
import { valueAt } from './columns.ts'
import type { Ask, Parameter } from './command-options.ts'
import { escapeText } from './escape.ts'
import type { Input } from './input-of.ts'
import { Interrupted } from './report-error.ts'

type Choices = (action: string) => Promise<unknown>

/** The answers, by field name. */
export async function ask(
  parameters: readonly Parameter[],
  asks: { readonly [field: string]: Ask | undefined },
  list: Choices,
): Promise<Input> {
  const answers: [string, unknown][] = []
  for (const parameter of parameters) {
    const options = new Map(Object.entries(asks)).get(parameter.field.name)
    const answer = await askOne(parameter, options, list)
    if (answer !== undefined) answers.push([parameter.field.name, answer])
  }
  return Object.fromEntries(answers)
}

async function askOne(parameter: Parameter, options: Ask | undefined, list: Choices): Promise<unknown> {
  const { field } = parameter
  const message = options?.label ?? (field.description || field.name)
  const words = options?.choices ?? field.options
  const choices = options?.list === undefined ? words.map((name) => ({ name, value: name })) : await choicesOf(options.list, list)
  if (options?.list !== undefined && choices.length === 0) return refuseEmpty(parameter, options.list)
  if (choices.length > 0) {
    const chosen = await question({ type: 'select', message, choices, default: field.default })
    return field.kind === 'list' ? [chosen] : chosen
  }
  const usual = typeof field.default === 'string' || typeof field.default === 'number' ? String(field.default) : undefined
  const answer = String(await question({ type: 'input', message, default: usual }))
  if (answer === '' && !field.required) return undefined
  if (field.kind === 'integer' || field.kind === 'number') return Number(answer)
  return field.kind === 'list' ? answer.split(/[\s,]+/).filter(Boolean) : answer
}

function refuseEmpty({ field, flag }: Parameter, action: string): undefined {
  if (!field.required) return undefined
  throw new Fault('not-found', `there is nothing to choose --${flag} from: ${action.replace('.', ' ')} is empty`)
}

async function choicesOf(action: string, list: Choices): Promise<{ name: string; value: string }[]> {
  const records = await list(action)
  return (Array.isArray(records) ? records : []).flatMap((record: unknown) => {
    const [id, name] = [valueAt(record, 'id'), valueAt(record, 'name')].map((part) =>
      typeof part === 'string' ? part : undefined,
    )
    const value = id ?? name
    return value === undefined ? [] : [{ name: escapeText(name ?? value), value }]
  })
}

/** Yes or no; no when just entered. */
export const confirm = async (message: string) => (await question({ type: 'confirm', message, default: false })) === true

/** A secret that is not shown while it is typed; undefined when just entered. */
export async function askSecret(message: string): Promise<string | undefined> {
  const answer = String(await question({ type: 'password', message }))
  return answer === '' ? undefined : answer
}

type Question =
  | {
      readonly type: 'select'
      readonly message: string
      readonly choices: { name: string; value: string }[]
      readonly default?: unknown
    }
  | { readonly type: 'input' | 'password'; readonly message: string; readonly default?: string | undefined }
  | { readonly type: 'confirm'; readonly message: string; readonly default: boolean }

async function question(options: Question): Promise<unknown> {
  const { createPromptModule } = (await import('inquirer')).default
  const prompt = createPromptModule({ output: process.stderr })
  try {
    const { answer } = await prompt([{ ...options, name: 'answer' }])
    return answer
  } catch (error) {
    if (error instanceof Error && error.name === 'ExitPromptError') throw new Interrupted('interrupted; nothing was changed')
    throw error
  }
}
