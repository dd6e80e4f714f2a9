/** The record that a history is asked of: one that is there, or one that is gone and is known by its id or last name. */
import { Fault } from '../../core/fault.ts'
import { holds } from '../../core/perform.ts'
import { keypairId } from '../../model/keypair.ts'
import type { Reader } from '../../state/store.ts'
import type { Context } from '../context.ts'
import { find } from '../find.ts'

/** The nouns that have a history, and their tables. */
export const subjects = {
  server: 'servers',
  image: 'images',
  flavor: 'flavors',
  keypair: 'keypairs',
  host: 'hosts',
  aggregate: 'aggregates',
  'server-group': 'serverGroups',
  quota: 'quotas',
} as const
export type Noun = keyof typeof subjects
export const nouns = Object.keys(subjects).filter((noun): noun is Noun => Object.hasOwn(subjects, noun))

/** The id of the record; `not-found` or `conflict` as everywhere. An id that no table knows is given back: it may be of a removed record. */
export async function subjectId(reader: Reader, noun: Noun, reference: string, context: Context): Promise<string> {
  if (noun === 'keypair') return keypairId(context.userId, reference)
  if (noun === 'quota') return reference
  const table = subjects[noun]
  try {
    return (await find(reader, table, reference, context)).id
  } catch (error) {
    if (!(error instanceof Fault) || error.kind !== 'not-found') throw error
    const gone = noun === 'server' || noun === 'image' ? await deletedId(reader, noun, reference, context) : undefined
    return gone ?? reference
  }
}

/** Records marked as deleted stay in their table, so that their last name still finds them. */
async function deletedId(reader: Reader, noun: 'server' | 'image', name: string, context: Context): Promise<string | undefined> {
  const { projectId } = context
  const where = { name, projectId, deleted: true }
  const found =
    noun === 'server'
      ? await reader.list('servers', { where, newestFirst: true, limit: 1 })
      : await reader.list('images', { where, newestFirst: true, limit: 1 })
  return found[0]?.id
}

/** True when the caller may see a record of that noun, whatever its age. */
export function maySee(noun: Noun, record: Readonly<Record<string, unknown>>, context: Context): boolean {
  if (holds(context, 'admin')) return true
  if (noun === 'keypair') return record.userId === context.userId
  if (noun === 'quota') return record.id === context.projectId
  if (noun === 'flavor') return record.isPublic === true
  if (noun === 'image' && record.visibility === 'public') return true
  return record.projectId === context.projectId
}
