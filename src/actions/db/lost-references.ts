/** Looks for records that name others which are not there. */
import type { TableName, Tables } from '../../model/tables.ts'
import { tableNames } from '../../model/tables.ts'
import type { Reader } from '../../state/store.ts'
import { countOf } from '../count-of.ts'

interface Found {
  readonly revision: number
  readonly records: number
  readonly problems: { object: string; message: string }[]
}

/** What a record of a table names: the table, and the id or the host's name. */
type References = { readonly [N in TableName]?: (record: Tables[N]) => readonly (readonly [kind: Kind, key: string | null])[] }
type Kind = 'server' | 'host' | 'image' | 'group'

const references: References = {
  servers: ({ host, deleted, imageId, groupId }) =>
    deleted
      ? []
      : [
          ['host', host],
          ['image', imageId],
          ['group', groupId],
        ],
  flows: ({ serverId }) => [['server', serverId]],
  migrations: ({ serverId }) => [['server', serverId]],
  requests: ({ serverIds }) => serverIds.map((id) => ['server', id] as const),
  aggregates: ({ hosts }) => hosts.map((host) => ['host', host] as const),
}

/** Records that are shown of each kind of problem; the rest is counted. */
const shown = 20

/** Goes through all tables. A server that is archived is not lost. */
export async function lostReferences(reader: Reader, archived: ReadonlySet<string>): Promise<Found> {
  const known = new Map<Kind, ReadonlySet<string>>([
    ['server', new Set([...(await idsOf(reader, 'servers')), ...archived])],
    ['host', new Set((await reader.list('hosts')).map(({ name }) => name))],
    ['image', await idsOf(reader, 'images')],
    ['group', await idsOf(reader, 'serverGroups')],
  ])
  const lost = new Map<string, string[]>()
  let records = 0
  for (const table of tableNames) records += await checkTable(reader, table, known, lost)
  const problems = [...lost].flatMap(([what, ids]) => [
    ...ids.slice(0, shown).map((object) => ({ object, message: what })),
    ...(ids.length > shown ? [{ object: countOf(ids.length - shown, 'other record'), message: what }] : []),
  ])
  return { revision: reader.revision, records, problems }
}

async function checkTable<N extends TableName>(
  reader: Reader,
  table: N,
  known: ReadonlyMap<Kind, ReadonlySet<string>>,
  lost: Map<string, string[]>,
): Promise<number> {
  let records = 0
  for await (const record of pages(reader, table)) {
    records += 1
    for (const [kind, key] of references[table]?.(record) ?? []) {
      if (key === null || known.get(kind)?.has(key)) continue
      const what = `names a ${kind} that is not there`
      lost.set(what, [...(lost.get(what) ?? []), `${table} ${record.id} (${key})`])
    }
  }
  return records
}

async function idsOf(reader: Reader, table: TableName): Promise<Set<string>> {
  const ids = new Set<string>()
  for await (const { id } of pages(reader, table)) ids.add(id)
  return ids
}

async function* pages<N extends TableName>(reader: Reader, table: N): AsyncGenerator<Tables[N]> {
  const limit = 1000
  for (let marker: string | undefined; ; ) {
    const page = await reader.list(table, { limit, ...(marker === undefined ? {} : { marker }) })
    yield* page
    if (page.length < limit) return
    marker = page.at(-1)?.id
  }
}
