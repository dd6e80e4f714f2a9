/** Which revisions a caller may know of: those about its own things, and what everybody may see. */
import { holds } from '../../core/perform.ts'
import type { TableName } from '../../model/tables.ts'
import type { Change, Revision } from '../../state/store.ts'
import type { Context } from '../context.ts'
import { maySee, nouns, subjects } from '../history/find-subject.ts'

type Fields = Readonly<Record<string, unknown>>

/** Tables whose records belong to a project and have no history of their own. */
const ofProjects: ReadonlySet<TableName> = new Set<TableName>(['flows', 'requests'])

/**
 * A revision that touched somebody else's record is not there for the caller; one that touched only records of nobody is, when
 * `mayDo` it. `recordOf` knows the last content of a record that was removed.
 */
export function isVisible(
  revision: Revision,
  recordOf: (change: Change) => Fields | undefined,
  mayDo: boolean,
  context: Context,
): boolean {
  if (holds(context, 'admin')) return true
  const seen = revision.changes.map((change) => maySeeChange(change, recordOf(change), context))
  return !seen.includes(false) && (mayDo || seen.includes(true))
}

/** Undefined for records that belong to nobody. */
function maySeeChange({ table }: Change, record: Fields | undefined, context: Context): boolean | undefined {
  if (ofProjects.has(table)) return record?.projectId === context.projectId
  const noun = nouns.find((each) => subjects[each] === table)
  if (noun === undefined || noun === 'host' || noun === 'aggregate') return undefined
  return record !== undefined && maySee(noun, record, context)
}
