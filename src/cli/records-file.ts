/** A YAML file with a list of records: every refusal names the file and the line. */
import { Fault } from '../core/fault.ts'
import { nearest } from '../core/nearest.ts'
import { fieldsOf, parse, type Schema } from '../core/schema.ts'
import { kebab } from './columns.ts'
import { readInput } from './outside.ts'

const most = 1000

/** The records of the file, each in the form of `schema`; keys may be written as the flags are. */
export async function recordsFrom<T>(file: string, schema: Schema<T>): Promise<T[]> {
  const { isMap, isScalar, isSeq, LineCounter, parseDocument } = await import('yaml')
  const lines = new LineCounter()
  // Aliases could multiply a small file without end.
  const document = parseDocument(readInput(file, '--file').toString('utf8'), { lineCounter: lines, uniqueKeys: true })
  const at = (node: { readonly range?: readonly number[] | null | undefined }) => lines.linePos(node.range?.[0] ?? 0).line
  const refuse = (line: number, what: string, hint?: string) =>
    new Fault('invalid', `${file} line ${line}: ${what}`, hint === undefined ? {} : { hint })
  const [wrong] = document.errors
  if (wrong) throw refuse(lines.linePos(wrong.pos[0]).line, wrong.message.split('\n')[0] ?? 'it is no YAML')
  const { contents } = document
  if (!isSeq(contents)) throw refuse(1, 'it is no list: begin each record with "- "')
  if (contents.items.length > most) throw refuse(1, `${contents.items.length} records, the limit is ${most}`)
  const names = new Map(fieldsOf(schema).flatMap(({ name }) => [name, kebab(name)].map((word) => [word, name])))
  return contents.items.map((item) => {
    if (!isMap(item)) throw refuse(at(Object(item)), 'it is no record: write "name: value" lines')
    const values = item.items.map(({ key, value }): [string, unknown] => {
      const word = isScalar(key) ? String(key.value) : ''
      const name = names.get(word)
      const [near] = nearest(word, [...names.keys()])
      if (name === undefined)
        throw refuse(at(Object(key)), `unknown key "${word}"`, near === undefined ? undefined : `did you mean ${near}?`)
      if (!isScalar(value)) throw refuse(at(Object(key)), `${word} must be one value`)
      return [name, value.value]
    })
    return checked(schema, Object.fromEntries(values), (what) => refuse(at(item), what))
  })
}

function checked<T>(schema: Schema<T>, record: unknown, refuse: (what: string) => Fault): T {
  try {
    return parse(schema, record)
  } catch (error) {
    throw error instanceof Fault ? refuse(error.message) : error
  }
}
