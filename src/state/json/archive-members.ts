/** Batches of trees as gzip members, so that a file of them is an ordinary compressed file. */
import { Fault } from '../../core/fault.ts'
import type { Fs } from '../../core/ports.ts'
import { type TableName, tableNames } from '../../model/tables.ts'
import type { Tree, TreeEntry, TreeRecord, WrittenTree } from '../archive.ts'
import { parseRecord, type RawChange } from '../record.ts'
import type { Kept, Member } from './archive-index.ts'
import { migrated, migrations } from './migrations.ts'

/** Fast rather than small: records of one kind shrink to a tenth at any level. */
const level = 1

/** A tree as one line. */
export const treeLine = ({ serverId, text }: WrittenTree) => `{"id":${JSON.stringify(serverId)},"records":${text}}`

/** Packs lines into one member. */
export async function packed(lines: readonly string[]): Promise<Buffer> {
  const { gzip } = await import('node:zlib')
  const text = Buffer.from(`${lines.join('\n')}\n`)
  return new Promise((resolve, reject) => {
    gzip(text, { level }, (error, bytes) => (error ? reject(error) : resolve(bytes)))
  })
}

/** The lines of one member of the file at `path`. */
export async function unpacked(fs: Fs, path: string, { offset, bytes }: Member): Promise<string[]> {
  const buffer = Buffer.allocUnsafe(bytes)
  const fd = fs.open(path, 'r')
  try {
    if (fs.read(fd, buffer, offset) !== bytes) throw damaged(path, offset, 'it is too short')
  } finally {
    fs.close(fd)
  }
  const { gunzip } = await import('node:zlib')
  const text = await new Promise<Buffer>((resolve, reject) => {
    gunzip(buffer, (error, plain) => (error ? reject(damaged(path, offset, error.message)) : resolve(plain)))
  })
  return text.toString('utf8').trimEnd().split('\n')
}

/** The tree in one line of a member, its records in the newest form. */
export function treeOf(line: string, { entry, member }: Kept): Tree {
  const { records } = JSON.parse(line) as { records: TreeRecord[] }
  return treeWith(entry, records, member.schema)
}

/** A tree from stored records of an older schema, its records in the newest form. */
export function treeWith(entry: TreeEntry, records: readonly TreeRecord[], schema: number): Tree {
  if (schema === migrations.length) return { ...entry, records }
  const changes = records.map(({ table, record }): RawChange => ({ table, id: record.id, text: JSON.stringify(record) }))
  const fresh = migrated(changes, schema, migrations).flatMap(({ table, text }) =>
    text === null || !isTable(table) ? [] : [{ table, record: parseRecord(text) }],
  )
  return { ...entry, records: fresh }
}

const isTable = (name: string): name is TableName => tableNames.some((table) => table === name)

/** The id that a line is about, without parsing it. */
export const idOfLine = (line: string) => /^\{"id":"([^"\\]*)"/.exec(line)?.[1]

function damaged(path: string, offset: number, why: string): Fault {
  const hint = 'nothing was changed; restore this file from a copy'
  return new Fault('internal', `${path} is damaged at byte ${offset}: ${why}`, { hint })
}
