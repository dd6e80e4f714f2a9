/**
 * What a command file may say about an action beyond what the action says itself.
 * Terminology.
 * - positional: an input field given without a flag.
 * - view: how a result is shown (format, columns, order).
 */
import type { Interfaces } from '@oclif/core'
import type { Fault } from '../core/fault.ts'
import type { Field } from '../core/schema.ts'
import type { Column } from './columns.ts'
import type { Connection } from './connection.ts'
import type { JunitCase } from './junit.ts'
import type { Screen } from './screen.ts'

export type Letter = Interfaces.AlphabetLowercase | Interfaces.AlphabetUppercase

/** An exception to the rule that a field `keyName` is the flag `--key-name`. */
export interface FlagOptions {
  readonly name?: string
  /** One letter: `-k`. */
  readonly char?: Letter
  readonly aliases?: readonly string[]
  /** The flag takes a file (`-` is stdin): its text, its bytes as base64, or its absolute path becomes the value. */
  readonly file?: boolean | 'text' | 'base64' | 'path'
  readonly hidden?: boolean
}

/** How a field that is missing in a terminal is asked for. */
export interface Ask {
  /** The action whose output gives the choices, for example `image.list`. */
  readonly list?: string
  readonly label?: string
  /** Words to choose from where the field takes any text. */
  readonly choices?: readonly string[]
  /** Not asked when one of these fields is given. */
  readonly unless?: readonly string[]
}

/** A question after a failure. */
export interface Again<I> {
  readonly question: string
  readonly input: Partial<I>
  /** Shown as a table before the question. */
  readonly rows?: readonly unknown[]
  readonly columns?: readonly string[]
}

export interface CommandOptions<I, O> {
  /** Input fields taken as positionals, in order; a list field must be the last. */
  readonly args?: readonly (keyof I & string)[]
  /** Other names of the command: novaclient's words, top level. */
  readonly aliases?: readonly string[]
  readonly examples?: readonly string[]
  readonly flags?: { readonly [K in keyof I & string]?: FlagOptions }
  readonly ask?: { readonly [K in keyof I & string]?: Ask }
  /** Columns of the table, in order; all of the record's fields when left out. */
  readonly columns?: readonly (string | Column)[]
  /** Columns that `-f wide` adds. */
  readonly wide?: readonly (string | Column)[]
  /** Column that a list is sorted by, `name` or `name:desc`. */
  readonly sort?: string
  /** The field of the output that holds the list, when the output is not the list itself. */
  readonly items?: string
  /** Replaces the table for people; machine formats keep the output. Its input is already safe for a terminal. */
  readonly render?: (output: O, screen: Screen, input: I) => string | Promise<string>
  /** One line for people after a write, instead of the record. */
  readonly done?: (output: O, input: I) => string
  /** How a user follows the work after Ctrl-C, for example `nova server events web-1`. */
  readonly follow?: (input: I) => string
  /** Extra input made from the world outside the flags; runs after parsing and before asking. */
  readonly prepare?: (input: Partial<I>, screen: Screen) => Promise<Partial<I>>
  /** Runs after a result was shown; for commands that go on in the terminal (ssh, console, top). Its number is the exit code. */
  readonly after?: (output: O, screen: Screen, connection: Pick<Connection, 'call' | 'openConsole'>, input: I) => Promise<number>
  /** The input that the next call changes, for a feed: each result is shown as it comes, its JSON one item a line. */
  readonly goesOn?: (output: O, input: I) => Partial<I> | undefined
  /** The result as test cases, for `--format junit`; the command has no such format when left out. */
  readonly junit?: (output: O) => readonly JunitCase[]
  /** The exit code of a result that is not a failure but says something is wrong; 0 when left out. */
  readonly exitCode?: (output: O) => number
  /** After this failure a person in a terminal is asked, and with a yes the command runs again with more input. */
  readonly again?: (fault: Fault) => Again<I> | undefined
  /** Never asks before a destroy (the action asks less than it says). */
  readonly confirm?: boolean
  readonly hidden?: boolean
}

/** A positional or flag of one command, as help, completion and the reference page show it. */
export interface Parameter {
  readonly field: Field
  readonly flag: string
  readonly options: FlagOptions
  /** Its place among the positionals, or -1. */
  readonly position: number
}
