/** One command of nova-manage: the words and flags that Nova has for it, and what nova does instead. */
import type { FaultKind } from '../core/fault.ts'
import type { Given, ManageFlag } from './manage-words.ts'

/** Nothing is run: a sentence, and the exit code. */
export interface Said {
  readonly say: string
  readonly code: number
}

export interface ManageRow {
  /** Nova's words, underscores and all: `db archive_deleted_rows`. */
  readonly words: string
  readonly summary: string
  /** Names of the positionals, for people. */
  readonly args?: string
  readonly flags?: Readonly<Record<string, ManageFlag>>
  /** Command lines of nova that are run in turn, or what is said instead. */
  readonly run: (given: Given) => readonly (readonly string[])[] | Said
  /** The exit code of what the first command put out; 0 when left out. */
  readonly code?: (output: unknown, given: Given) => number
  /** Exit codes of failures; 255 for those that are not here. */
  readonly faults?: Partial<Record<FaultKind, number>>
}

export const say = (sentence: string, code = 0): Said => ({ say: sentence, code })

/** A flag as words of nova's command line, under another name perhaps; nothing when it was not given. */
export function passed({ flags }: Given, name: string, as = name): string[] {
  const value = flags.get(name)
  if (value === undefined) return []
  return value === '' ? [`--${as}`] : [`--${as}`, value]
}

/** A field of an output; undefined when it is none. */
export const field = (output: unknown, name: string): unknown =>
  typeof output === 'object' && output !== null ? Reflect.get(output, name) : undefined
