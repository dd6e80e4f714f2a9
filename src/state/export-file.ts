/**
 * All records of a store in one portable file: a head line, a line a record in order of tables and creation, and a last line
 * with the number of records and the SHA-256 of all lines before it. What is cut or changed is not believed.
 */
import { Fault } from '../core/fault.ts'
import { type TableName, tableNames } from '../model/tables.ts'
import type { StoredRecord } from './record.ts'
import type { Reader } from './store.ts'

/** Changes of the stored form that the records in the file have seen. */
export interface ExportHead {
  readonly novakit: 1
  readonly schema: number
  readonly revision: number
}

export interface ExportedRecord {
  readonly table: TableName
  readonly record: StoredRecord
}

export interface Exported {
  readonly records: number
  readonly hash: string
}

type Hash = { update(text: string): unknown; digest(form: 'hex'): string }

const page = 500

/** Writes everything that `reader` sees, some lines at a time. */
export async function exportRecords(
  reader: Reader,
  schema: number,
  hash: Hash,
  write: (text: string) => void,
): Promise<Exported> {
  const put = (text: string) => {
    hash.update(text)
    write(text)
  }
  put(`${JSON.stringify({ novakit: 1, schema, revision: reader.revision } satisfies ExportHead)}\n`)
  let records = 0
  for (const table of tableNames) {
    for (let marker: string | undefined; ; ) {
      const found = await reader.list(table, { limit: page, ...(marker === undefined ? {} : { marker }) })
      put(found.map((record) => `${JSON.stringify([table, record])}\n`).join(''))
      records += found.length
      if (found.length < page) break
      marker = found.at(-1)?.id
    }
  }
  const digest = hash.digest('hex')
  write(`${JSON.stringify({ end: records, sha256: digest })}\n`)
  return { records, hash: digest }
}

/** Reads such a file line by line: head, then records; a fault names the line that is not as it was written. */
export async function* exportedRecords(
  lines: AsyncIterable<string>,
  hash: Hash,
  name: string,
): AsyncGenerator<ExportHead | ExportedRecord> {
  let number = 0
  let records = 0
  for await (const line of lines) {
    number += 1
    const value = parsed(line, `${name} line ${number}`)
    if (number === 1) {
      if (Reflect.get(Object(value), 'novakit') !== 1) throw new Fault('invalid', `${name} is no export of nova`)
      yield value as ExportHead
    } else if (Array.isArray(value)) {
      records += 1
      yield recordOf(value, `${name} line ${number}`)
    } else {
      const { end, sha256 } = Object(value)
      if (end === records && sha256 === hash.digest('hex')) return
      throw new Fault(
        'invalid',
        `${name} was changed after it was written: its ${records} records have another SHA-256 or number`,
      )
    }
    hash.update(`${line}\n`)
  }
  throw new Fault('invalid', `${name} ends after line ${number}: its last line is missing`, { hint: 'export again' })
}

function parsed(line: string, place: string): unknown {
  try {
    return JSON.parse(line)
  } catch (cause) {
    throw new Fault('invalid', `${place} is not JSON`, { cause })
  }
}

function recordOf([table, record]: unknown[], place: string): ExportedRecord {
  const known = tableNames.find((name) => name === table)
  const { id, generation } = Object(record)
  if (!known || typeof id !== 'string' || !Number.isInteger(generation))
    throw new Fault('invalid', `${place} is no record of a table that this program knows`)
  return { table: known, record: Object(record) as StoredRecord }
}
