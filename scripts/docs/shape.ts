/** The JSON of a schema, key by key. */
import { type Schema, z } from '../../src/core/schema.ts'

export interface Key {
  readonly name: string
  readonly type: string
  readonly meaning: string
}

export interface Shape {
  readonly isList: boolean
  /** True when one result is a record and several are a list. */
  readonly isEither: boolean
  readonly keys: readonly Key[]
  /** Equal for schemas of the same JSON. */
  readonly fingerprint: string
}

interface Json {
  readonly type?: string | readonly string[]
  readonly description?: string
  readonly enum?: readonly unknown[]
  readonly items?: Json
  readonly prefixItems?: readonly Json[]
  readonly anyOf?: readonly Json[]
  readonly properties?: Readonly<Record<string, Json>>
}

/** The keys of a record, or of the records of a list; `comments` says what a key means where the schema does not. */
export function shapeOf(
  schema: Schema,
  comments: ReadonlyMap<string, string> = new Map(),
  side: 'input' | 'output' = 'output',
): Shape {
  const json = z.toJSONSchema(schema, { io: side, unrepresentable: 'any' }) as unknown as Json
  const either = json.anyOf?.find((one) => one.properties)
  const record = either ?? (json.type === 'array' ? json.items : json) ?? {}
  const keys = Object.entries(record.properties ?? {}).map(([name, value]) => ({
    name,
    type: typeOf(value),
    meaning: value.description ?? comments.get(name) ?? '',
  }))
  return {
    isList: json.type === 'array',
    isEither: either !== undefined,
    keys,
    fingerprint: JSON.stringify(record.properties ?? record),
  }
}

function typeOf(json: Json): string {
  if (json.anyOf) return json.anyOf.map(typeOf).join(' or ')
  if (json.enum) return json.enum.map((value) => `\`${String(value)}\``).join(', ')
  if (json.prefixItems) return `[${json.prefixItems.map(typeOf).join(', ')}]`
  if (json.type === 'array') return `list of ${json.items ? typeOf(json.items) : 'any'}`
  if (json.properties) return `object (${Object.keys(json.properties).join(', ')})`
  return Array.isArray(json.type) ? json.type.join(' or ') : String(json.type ?? 'any')
}
