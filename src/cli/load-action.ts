/** Finds an action by its name, `noun.verb`, under src/actions; for choices and completion. */
import type { AnyAction } from '../core/action.ts'
import { Fault } from '../core/fault.ts'

/** The action that a module of that name exports. */
export async function loadAction(name: string): Promise<AnyAction> {
  const [noun, verb] = name.split('.')
  if (!/^[a-z][a-z-]*$/.test(noun ?? '') || !/^[a-z][a-z-]*$/.test(verb ?? '')) throw missing(name)
  const exports: Record<string, unknown> = await import(`../actions/${noun}/${verb}.ts`).catch((cause: unknown) => {
    throw missing(name, cause)
  })
  const found = Object.values(exports).find((value) => isAction(value) && value.name === name)
  if (!isAction(found)) throw missing(name)
  return found
}

const isAction = (value: unknown): value is AnyAction =>
  typeof value === 'object' && value !== null && 'run' in value && 'input' in value && 'name' in value

const missing = (name: string, cause?: unknown) => new Fault('internal', `there is no action ${name}`, { cause })
