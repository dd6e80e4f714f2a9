/**
 * The only file that knows the schema library (zod): its field builders, its check and its walk.
 * Every object is strict, every text and list has a maximum; messages are made here, never the library's own.
 */
import { z } from 'zod'
import { Fault } from './fault.ts'

export { z }
export type Schema<T = unknown> = z.ZodType<T>

/** One line of text. */
export const text = (max = 255) => z.string().min(1).max(max)
/** The name of a thing; never starts an option, never leaves one line. */
export const name = () =>
  z
    .string()
    .min(1)
    .max(255)
    .regex(
      // biome-ignore lint/suspicious/noControlCharactersInRegex: refusing them is the point
      /^[^\s\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069-][^\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]*$/u,
    )
/** A name that reaches argv, file names or host names. */
export const slug = (max = 63) =>
  z
    .string()
    .min(1)
    .max(max)
    .regex(/^[A-Za-z0-9][A-Za-z0-9_.-]*$/)
/** A name or id that picks an existing thing. */
export const reference = () => z.string().min(1).max(255)
export const count = (min: number, max: number) => z.int().min(min).max(max)
export const number = (min: number, max: number) => z.number().min(min).max(max)
export const list = <S extends Schema>(item: S, max = 1000) => z.array(item).max(max)
/** `key=value` pairs in order; kept as pairs so that no key ever indexes an object. */
export const pairs = (max = 128, valueMax = 255) =>
  z.array(z.tuple([z.string().min(1).max(255), z.string().max(valueMax)])).max(max)
export const object = z.strictObject

export type Pairs = readonly (readonly [string, string])[]

interface Issue {
  readonly code: string
  readonly path: readonly PropertyKey[]
  readonly message: string
  readonly origin?: string
  readonly maximum?: number | bigint
  readonly minimum?: number | bigint
  readonly values?: readonly unknown[]
  readonly keys?: readonly string[]
  readonly expected?: string
  readonly pattern?: string
  readonly format?: string
  readonly errors?: readonly (readonly Issue[])[]
}

/** Parses `value`, or throws an `invalid` fault that names the field and the limit it broke. `secret` values are never echoed. */
export function parse<T>(schema: Schema<T>, value: unknown): T {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  const issues = result.error.issues as unknown as readonly Issue[]
  const messages = issues.map((issue) => sentence(issue, value))
  throw new Fault('invalid', messages[0] ?? 'the input is not valid', {
    details: issues.map((issue, index) => ({ field: fieldOf(issue), message: messages[index] })),
  })
}

const fieldOf = (issue: Issue) => issue.path.map(String).join('.') || 'input'

function sentence(issue: Issue, root: unknown): string {
  const field = fieldOf(issue)
  const actual = issue.path.reduce<unknown>((value, key) => property(value, key), root)
  switch (issue.code) {
    case 'too_big':
      return tooBig(field, issue, actual)
    case 'too_small':
      return tooSmall(field, issue, actual)
    case 'invalid_value':
      return `${field} must be one of: ${(issue.values ?? []).join(', ')}`
    case 'unrecognized_keys':
      return `unknown field ${(issue.keys ?? []).join(', ')}`
    case 'invalid_type':
      return actual === undefined ? `${field} is missing` : `${field} must be ${article(issue.expected)}`
    case 'invalid_union':
      return issue.errors?.[0]?.[0] ? sentence({ ...issue.errors[0][0], path: issue.path }, root) : `${field} has a wrong form`
    case 'invalid_format':
      return `${field} has characters or a form that is not allowed`
    default:
      return issue.code === 'custom' ? `${field} ${issue.message}` : `${field} is not valid`
  }
}

function tooBig(field: string, issue: Issue, actual: unknown): string {
  if (typeof actual === 'string') return `${field} has ${actual.length} characters, the limit is ${issue.maximum}`
  if (Array.isArray(actual)) return `${field} has ${actual.length} items, the limit is ${issue.maximum}`
  return `${field} is ${String(actual)}, the most is ${issue.maximum}`
}

function tooSmall(field: string, issue: Issue, actual: unknown): string {
  if (actual === '') return `${field} is empty`
  if (typeof actual === 'string') return `${field} has ${actual.length} characters, the least is ${issue.minimum}`
  if (Array.isArray(actual)) return `${field} has ${actual.length} items, the least is ${issue.minimum}`
  return `${field} is ${String(actual)}, the least is ${issue.minimum}`
}

const article = (expected = 'another type') => (/^[aeio]/.test(expected) ? `an ${expected}` : `a ${expected}`)

function property(value: unknown, key: PropertyKey): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, key)
    ? (value as Record<PropertyKey, unknown>)[key]
    : undefined
}

/** What a façade needs to know of one input field. */
export interface Field {
  readonly name: string
  readonly kind: 'string' | 'number' | 'integer' | 'boolean' | 'enum' | 'list' | 'pairs'
  readonly required: boolean
  readonly description: string
  readonly options: readonly string[]
  readonly default: unknown
  readonly maximum: number | undefined
  readonly minimum: number | undefined
}

interface Definition {
  readonly type: string
  readonly innerType?: z.ZodType
  readonly element?: z.ZodType
  readonly items?: readonly z.ZodType[]
  readonly options?: readonly z.ZodType[]
  readonly entries?: Readonly<Record<string, string>>
  readonly shape?: Readonly<Record<string, z.ZodType>>
  readonly defaultValue?: unknown
  readonly in?: z.ZodType
  readonly format?: string
  readonly checks?: readonly { readonly _zod: { readonly def: Check } }[]
}
interface Check {
  readonly check: string
  readonly maximum?: number
  readonly minimum?: number
  /** Of greater_than and less_than. */
  readonly value?: number
}
const internals = (schema: z.ZodType) =>
  schema as unknown as {
    readonly _zod: { readonly def: Definition }
  }

/** The fields of an object schema, in their order: the source of CLI flags and of reference pages. */
export function fieldsOf(schema: Schema): Field[] {
  const shape = internals(schema)._zod.def.shape ?? {}
  return Object.entries(shape).map(([fieldName, field]) => describe(fieldName, field))
}

/** The field names of a record, or of the records of a list: the columns and JSON keys of an output. Of a union, the first's. */
export function outputFieldsOf(schema: Schema): { readonly isList: boolean; readonly fields: readonly string[] } {
  const { def } = internals(schema)._zod
  const [first] = def.options ?? []
  if (def.type === 'union' && first) return outputFieldsOf(first)
  const record = def.type === 'array' && def.element ? def.element : schema
  return { isList: def.type === 'array', fields: Object.keys(internals(record)._zod.def.shape ?? {}) }
}

function describe(fieldName: string, schema: z.ZodType): Field {
  let inner = schema
  let required = true
  let fallback: unknown
  let description = z.globalRegistry.get(schema)?.description
  for (let def = internals(inner)._zod.def; def.innerType ?? def.in; def = internals(inner)._zod.def) {
    if (def.type === 'optional' || def.type === 'nullable' || def.type === 'default') required = false
    if (def.type === 'default') fallback = def.defaultValue
    inner = (def.innerType ?? def.in) as z.ZodType
    description ??= z.globalRegistry.get(inner)?.description
  }
  const { def } = internals(inner)._zod
  const checks = (def.checks ?? []).map((check) => check._zod.def)
  return {
    name: fieldName,
    kind: kindOf(def),
    required,
    description: description ?? '',
    options: def.type === 'enum' ? Object.values(def.entries ?? {}) : [],
    default: fallback,
    maximum: checks.map((check) => check.maximum ?? (check.check === 'less_than' ? check.value : undefined)).find(isNumber),
    minimum: checks.map((check) => check.minimum ?? (check.check === 'greater_than' ? check.value : undefined)).find(isNumber),
  }
}

const isNumber = (value: number | undefined) => value !== undefined

function kindOf(def: Definition): Field['kind'] {
  if (def.type === 'array') return def.element && internals(def.element)._zod.def.type === 'tuple' ? 'pairs' : 'list'
  if (def.type === 'number') return def.format === 'safeint' ? 'integer' : 'number'
  if (def.type === 'boolean' || def.type === 'enum') return def.type
  return 'string'
}

/** A schema as JSON Schema 2020-12, for documents that describe the interface; what JSON cannot say becomes `{}`. */
export const jsonSchemaOf = (schema: Schema, side: 'input' | 'output'): Record<string, unknown> =>
  z.toJSONSchema(schema, { io: side, unrepresentable: 'any' })
