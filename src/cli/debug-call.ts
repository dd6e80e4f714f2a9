/** `--debug`: which action is called with what, without secrets, and how long it took. */
import type { AnyAction } from '../core/action.ts'
import { escapeBlock } from './escape.ts'
import { now } from './outside.ts'
import type { Runtime } from './runtime.ts'

/** Prints the call; the returned function prints its end. */
export function debugCall(runtime: Runtime, action: AnyAction, input: Readonly<Record<string, unknown>>): () => void {
  const secrets = new Set<string>((action.secrets ?? []).map(String))
  const shown = Object.entries(input).map(([field, value]) => [field, secrets.has(field) ? '***' : shortened(value)])
  const started = now()
  runtime.screen.err(`debug: ${runtime.requestId} ${action.name} ${escapeBlock(JSON.stringify(Object.fromEntries(shown)))}\n`)
  return () => runtime.screen.err(`debug: ${runtime.requestId} ${action.name} took ${now() - started} ms\n`)
}

const shortened = (value: unknown) =>
  typeof value === 'string' && value.length > 200 ? `${value.slice(0, 200)}… (${value.length})` : value
