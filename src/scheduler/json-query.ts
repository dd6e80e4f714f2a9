/**
 * JsonFilter's language: a list is an operator and its arguments, `$name.key` looks a fact of the host up,
 * anything else is itself. Facts that a host does not have fall out of the arguments, as in Nova.
 * `not` gives a list of opposites, and a list counts as true when one of it is, at every level.
 */
import { Fault } from '../core/fault.ts'
import { closestName } from './closest-name.ts'
import { hostAttribute } from './host-attribute.ts'
import type { Candidate } from './types.ts'

const mostCharacters = 16_384
const mostDepth = 32

type Value = (candidate: Candidate) => unknown
type Compare = (first: unknown, other: unknown) => boolean

const isTrue = (value: unknown): boolean => (Array.isArray(value) ? value.some(isTrue) : Boolean(value))

const ordered =
  (holds: (order: number) => boolean): Compare =>
  (first, other) => {
    if (typeof first === 'number' && typeof other === 'number') return holds(first - other)
    if (typeof first !== 'string' || typeof other !== 'string') return false
    return holds(first < other ? -1 : Number(first > other))
  }

/** The first argument compares with every other one; fewer than two never do. */
const each = (compare: Compare) => (values: readonly unknown[]) =>
  values.length > 1 && values.slice(1).every((other) => compare(values[0], other))

const operators = new Map<string, (values: readonly unknown[]) => unknown>([
  ['=', each((first, other) => first === other)],
  ['<', each(ordered((order) => order < 0))],
  ['>', each(ordered((order) => order > 0))],
  ['<=', each(ordered((order) => order <= 0))],
  ['>=', each(ordered((order) => order >= 0))],
  ['in', (values) => values.length > 1 && values.indexOf(values[0], 1) > 0],
  ['not', (values) => values.map((value) => !isTrue(value))],
  ['or', (values) => values.some(isTrue)],
  ['and', (values) => values.every(isTrue)],
])

/** The predicate that a query spells; an `invalid` fault when it is malformed, too long (16 KiB) or too deep (32 lists). */
export function jsonQuery(text: string): (candidate: Candidate) => boolean {
  if (text.length > mostCharacters) throw invalid(`has ${text.length} characters, the limit is ${mostCharacters}`)
  const parsed = parsedJson(text)
  if (!Array.isArray(parsed)) throw invalid('is not a JSON list')
  const value = compileList(parsed, 1)
  return (candidate) => isTrue(value(candidate))
}

const invalid = (problem: string, hint?: string) => new Fault('invalid', `hint query ${problem}`, { hint })

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new Fault('invalid', 'hint query is not JSON', { hint: 'write it like [">=", "$free_ram_mb", 1024]', cause })
  }
}

function compileList(list: readonly unknown[], depth: number): Value {
  if (depth > mostDepth) throw invalid(`is deeper than ${mostDepth} lists`)
  if (list.length === 0) return () => true
  const [first, ...rest] = list
  const operator = typeof first === 'string' ? operators.get(first) : undefined
  if (!operator) throw unknownOperator(first)
  const terms = rest.map((argument) => compileArgument(argument, depth))
  return (candidate) => {
    const values: unknown[] = []
    for (const term of terms) {
      const value = term(candidate)
      if (value !== null && value !== undefined) values.push(value)
    }
    return operator(values)
  }
}

function compileArgument(argument: unknown, depth: number): Value {
  if (Array.isArray(argument)) return compileList(argument, depth + 1)
  if (typeof argument === 'object' && argument !== null)
    throw invalid('holds an object, only lists, texts, numbers and booleans count')
  if (typeof argument !== 'string' || !argument.startsWith('$')) return () => (argument === '' ? null : argument)
  return hostAttribute(argument.slice(1).split('.'))
}

function unknownOperator(operator: unknown): Fault {
  const known = [...operators.keys()]
  if (typeof operator !== 'string') return invalid(`has a list that does not start with an operator; known: ${known.join(' ')}`)
  const meant = closestName(operator, known)
  const hint = meant === undefined ? undefined : `did you mean ${meant}?`
  return invalid(`has the unknown operator '${operator.slice(0, 80)}'; known: ${known.join(' ')}`, hint)
}
