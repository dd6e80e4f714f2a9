/** What is asked to be undone: the revisions that a request id or a number means, or the caller's own last change. */
import { Fault } from '../../core/fault.ts'
import { holds } from '../../core/perform.ts'
import { noSuchRevision } from '../../state/moment.ts'
import type { Change, Revision } from '../../state/store.ts'
import type { Context } from '../context.ts'
import { undoable } from './undo-catalogue.ts'
import { historyBegin, keyOf, lookAt, type Seen } from './undo-look.ts'
import { actionsOf } from './undo-reasons.ts'
import { isVisible } from './undo-visible.ts'
import { undoerOf, undoesOf } from './undo-words.ts'

/** Revisions that a search for the caller's last change looks at first. */
const recent = 1000
const mostRevisions = 100

/** `not-found` in the same words for what is not there and for what is not the caller's. */
export async function findTarget(change: string, context: Context): Promise<Seen> {
  const seen = /^\d{1,15}$/.test(change) ? await ofRevision(Number(change), context) : await ofRequest(change, context)
  const targets = await visibleOf(seen.targets, context)
  if (targets.length === 0) {
    const begin = await historyBegin(context)
    throw new Fault('not-found', `no change that you may see is known as ${change}`, {
      hint: `nova history TYPE NAME -f wide shows requests and revisions${begin === 0 ? '' : `, from ${begin + 1} on`}`,
    })
  }
  refuseShared(change, targets)
  return { ...seen, targets }
}

/** The revisions after which `find` of the caller's own changes is tried, newest first: those that are in force and can be undone. */
export async function ownChanges(context: Context): Promise<number[]> {
  const begin = await historyBegin(context)
  const newest = await context.store.read(async (reader) => reader.revision)
  for (const from of [...new Set([Math.max(begin, newest - recent), begin])]) {
    const isOwn = ({ actor, action }: Revision) => actor === context.userId && undoable.has(action)
    const { targets, marks } = await lookAt(context, from, isOwn)
    const inForce = (await visibleOf(targets, context)).filter(({ revision }) => !undoerOf(revision, marks))
    if (inForce.length > 0) return inForce.map(({ revision }) => revision).reverse()
  }
  throw new Fault('not-found', `${context.userId} changed nothing that is in force and can be undone`, {
    hint: 'an undo is undone by its own request or revision: nova undo REVISION',
  })
}

export async function ofRevision(revision: number, context: Context): Promise<Seen> {
  const begin = await historyBegin(context)
  const newest = await context.store.read(async (reader) => reader.revision)
  if (revision > newest) throw noSuchRevision(revision, newest)
  if (revision <= begin)
    throw new Fault('not-found', `what was before revision ${revision} is not known: history begins with revision ${begin + 1}`)
  return lookAt(context, revision - 1, (each) => each.revision === revision)
}

/** An undo that came with the very id of what it undid is not meant by that id. */
const ofRequest = async (request: string, context: Context): Promise<Seen> =>
  lookAt(context, await historyBegin(context), (each) => each.request === request && undoesOf(each.action)?.request !== request)

/** Those that the caller may know of. */
async function visibleOf(revisions: readonly Revision[], context: Context): Promise<Revision[]> {
  if (holds(context, 'admin')) return [...revisions]
  const visible: Revision[] = []
  for (const revision of revisions) {
    const gone = await goneBefore(revision, context)
    const recordOf = (change: Change) => change.record ?? gone.get(keyOf(change))
    const mayDo = await mayDoAll(actionsOf(revision), context)
    if (isVisible(revision, recordOf, mayDo, context)) visible.push(revision)
  }
  return visible
}

/** What records were before the revision that removed them, by id. */
async function goneBefore({ revision, changes }: Revision, { store }: Context) {
  const removed = changes.filter(({ record }) => record === null)
  if (removed.length === 0) return new Map<string, Readonly<Record<string, unknown>>>()
  return store.read(
    async (reader) => {
      const found = await Promise.all(
        removed.map(async (change) => [keyOf(change), { ...(await reader.get(change.table, change.id)) }] as const),
      )
      return new Map<string, Readonly<Record<string, unknown>>>(found)
    },
    { revision: revision - 1 },
  )
}

async function mayDoAll(actions: readonly string[], context: Context): Promise<boolean> {
  for (const name of actions) {
    const action = undoable.get(name)
    const needs = action ? await context.roleNeeded(action) : 'nobody'
    if (needs === 'nobody' || !holds(context, needs)) return false
  }
  return true
}

/** Throws `forbidden` unless the caller may do every action that is to be undone. */
export async function refuseUnlessAllowed(targets: readonly Revision[], context: Context): Promise<void> {
  for (const name of new Set(targets.flatMap(actionsOf))) {
    const action = undoable.get(name)
    if (!action) continue
    const needs = await context.roleNeeded(action)
    if (needs === 'nobody') throw new Fault('forbidden', `${name} is closed by the policy, and its undo too`)
    if (!holds(context, needs))
      throw new Fault('forbidden', `undo of ${name} needs the role ${needs}, as ${name} does: ${context.userId} has not`)
  }
}

/** A caller may choose its request ids: two users may have used the same. */
function refuseShared(change: string, targets: readonly Revision[]): void {
  const actors = [...new Set(targets.map(({ actor }) => actor))]
  const numbers = targets.map(({ revision }) => revision)
  if (actors.length > 1)
    throw new Fault('conflict', `${change} was used by ${actors.join(' and ')}: revisions ${numbers.slice(0, 10).join(', ')}`, {
      hint: 'name one of the revisions',
    })
  if (targets.length > mostRevisions)
    throw new Fault(
      'conflict',
      `${change} has ${targets.length} revisions, the most that are undone at once are ${mostRevisions}`,
    )
}
