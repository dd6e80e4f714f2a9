import { Fault } from '../core/fault.ts'
import { nearest } from '../core/nearest.ts'
import { holds } from '../core/perform.ts'
import type { TableName, Tables } from '../model/tables.ts'
import type { Query, Reader } from '../state/store.ts'
import type { Context } from './context.ts'

type Named = {
  readonly id: string
  readonly name: string
  readonly projectId?: string
  readonly deleted?: boolean
  readonly visibility?: string
  readonly vmState?: string
}
type NamedTable = { [N in TableName]: Tables[N] extends Named ? N : never }[TableName]

const nouns: Partial<Record<TableName, string>> = { serverGroups: 'server group' }
const nounOf = (table: TableName) => nouns[table] ?? table.replace(/s$/, '')

/**
 * The one record that a name or id means, in the caller's project.
 * `not-found` names what is nearby; `conflict` lists the candidates of an ambiguous name.
 * A record of another project looks exactly like a missing one. A soft-deleted server has its name until another one takes it:
 * `softDeleted` asks for that one instead.
 */
export async function find<N extends NamedTable>(
  reader: Reader,
  table: N,
  reference: string,
  context: Context,
  softDeleted = false,
): Promise<Tables[N]> {
  const byId = await reader.get(table, reference)
  if (byId && visible(byId as Named, context)) return byId
  const all = (await reader.list(table, { where: { name: reference } as Query<N>['where'], limit: 1000 })) as (Tables[N] &
    Named)[]
  const matches = all.filter((record) => visible(record, context))
  const own = matches.filter((record) => record.projectId === undefined || record.projectId === context.projectId)
  const named = own.length > 0 ? own : matches
  const preferred = named.filter(({ vmState }) => (vmState === 'soft-delete') === softDeleted)
  const candidates = preferred.length > 0 ? preferred : named
  if (candidates.length > 1) throw ambiguous(table, reference, candidates)
  const [only] = candidates
  if (only) return only
  throw await missing(reader, table, reference, context)
}

function visible(record: Named, context: Context): boolean {
  if (record.deleted) return false
  if (record.projectId === undefined || record.projectId === context.projectId) return true
  return record.visibility === 'public' || holds(context, 'admin')
}

const ambiguous = (table: TableName, reference: string, candidates: readonly Named[]) =>
  new Fault(
    'conflict',
    `${candidates.length} ${nounOf(table)}s are named "${reference}": ${candidates.map((c) => c.id).join(', ')}`,
    {
      hint: 'use an id instead of the name',
      details: { candidates: candidates.map(({ id, name }) => ({ id, name })) },
    },
  )

async function missing<N extends NamedTable>(reader: Reader, table: N, reference: string, context: Context): Promise<Fault> {
  const records = (await reader.list(table, { limit: 1000, newestFirst: true })) as unknown as Named[]
  const near = nearest(reference, [...new Set(records.filter((record) => visible(record, context)).map((record) => record.name))])
  const noun = nounOf(table)
  const hint = near.length > 0 ? `did you mean ${near.join(', ')}?` : `nova ${noun.replace(' ', '-')} list`
  return new Fault('not-found', `no ${noun} with a name or id of "${reference}"`, { hint })
}

/** A marker of another project's is refused in the words of one that is not there. */
export async function checkMarker(
  reader: Reader,
  table: 'servers' | 'serverGroups',
  marker: string | undefined,
  { projectId }: Pick<Context, 'projectId'>,
): Promise<void> {
  if (marker === undefined) return
  const found = await reader.get(table, marker)
  if (found && found.projectId !== projectId) throw new Fault('invalid', `marker ${marker} is not in ${table}`)
}
