import { Fault } from '../../core/fault.ts'
import { object, text, z } from '../../core/schema.ts'
import type { Revision } from '../../state/store.ts'
import { type Context, defineAction } from '../context.ts'
import { applyTurns, isStale } from './undo-apply.ts'
import type { Seen } from './undo-look.ts'
import { actionsOf, lastingReasons, type Reason, refusal } from './undo-reasons.ts'
import { undoTables } from './undo-tables.ts'
import { findTarget, ofRevision, ownChanges, refuseUnlessAllowed } from './undo-target.ts'
import { turnsOf } from './undo-turns.ts'
import { type Mark, undoAction, undoerOf, undoWords } from './undo-words.ts'

const undone = z.strictObject({
  type: z.string(),
  id: z.string(),
  name: z.string(),
  event: z.enum(['created', 'changed', 'removed']),
  changes: z.array(z.object({ field: z.string(), before: z.unknown(), after: z.unknown() })),
})

const output = z.strictObject({
  result: z.enum(['undone', 'already-undone']),
  action: z.string().describe('what was undone'),
  request: z.string().describe('the request that it came with'),
  revisions: z.array(z.int()).max(100),
  undoneBy: z.string().describe('the request of the undo; name it to have the change again'),
  revision: z.int().describe('the revision of the undo'),
  records: z.array(undone),
})
type Output = z.infer<typeof output>

/** Looks at history that are taken before a busy record is left alone. */
const mostLooks = 5

export const undo = defineAction({
  name: 'request.undo',
  summary: 'take back what a request did to records, as a new revision; an undo can be undone too',
  effect: 'write',
  policy: 'member',
  input: object({
    change: text()
      .regex(/^[A-Za-z0-9][A-Za-z0-9_.-]*$/)
      .optional()
      .describe('request id or revision; your own last change that is in force when left out'),
  }),
  output,
  async run({ change }, context) {
    if (change !== undefined) return (await undoSeen(() => findTarget(change, context), context)) ?? nothing(change)
    for (const revision of await ownChanges(context)) {
      const result = await undoSeen(() => ofRevision(revision, context), context)
      if (result) return result
    }
    throw new Fault('not-found', `the last changes of ${context.userId} changed nothing`)
  },
})

const nothing = (change: string): never => {
  throw new Fault('conflict', `${change} left its records as they were: there is nothing to undo`)
}

/** Undefined when the targets changed nothing. What others commit in between is looked at again. */
async function undoSeen(look: () => Promise<Seen>, context: Context): Promise<Output | undefined> {
  for (let looks = 0; looks < mostLooks; looks += 1) {
    const result = await tryUndo(await look(), context)
    if (result !== 'stale') return result
  }
  throw new Fault('conflict', `its records were changed ${mostLooks} times while this looked at them`, {
    hint: 'run the command again',
  })
}

async function tryUndo(seen: Seen, context: Context): Promise<Output | 'stale' | undefined> {
  const lasting = lastingReasons(seen.targets)
  const reasons = lasting.length > 0 ? lasting : strangeReasons(seen.targets)
  if (reasons.length > 0) throw refusal(wordsOf(seen.targets), reasons)
  await refuseUnlessAllowed(seen.targets, context)
  const targets = seen.targets.filter(({ revision }) => !undoerOf(revision, seen.marks))
  const [last] = seen.targets.slice(-1)
  const by = last && undoerOf(last.revision, seen.marks)
  if (targets.length === 0) return by && before(seen.targets, by)
  return commitUndo({ ...seen, targets }, context)
}

async function commitUndo(seen: Seen, context: Context): Promise<Output | 'stale' | undefined> {
  const turns = await turnsOf(seen, context)
  const facts = factsOf(seen.targets)
  const authorship = { actor: context.userId, request: context.requestId, action: undoWords(facts) }
  return context.store.transaction(authorship, async (tx) => {
    if (await isStale(tx, turns)) return 'stale'
    const { undone: records, reasons } = await applyTurns(tx, turns, context)
    if (reasons.length > 0) throw refusal(wordsOf(seen.targets), reasons)
    if (records.length === 0) return undefined
    const { request, revisions } = facts
    const known = { action: facts.actions.join(', '), request, revisions: [...revisions], undoneBy: context.requestId }
    return { result: 'undone', ...known, revision: tx.revision + 1, records: records.map(viewOf) }
  })
}

const viewOf = ({ changes, ...record }: Awaited<ReturnType<typeof applyTurns>>['undone'][number]) => ({
  ...record,
  changes: changes.map((one) => ({ ...one })),
})

const factsOf = (targets: readonly Revision[]) => ({
  actions: [...new Set(targets.flatMap(actionsOf))],
  request: targets[0]?.request ?? '',
  revisions: targets.map(({ revision }) => revision),
})

function before(targets: readonly Revision[], by: Mark): Output {
  const { actions, request, revisions } = factsOf(targets)
  const known = { action: actions.join(', '), request, revisions }
  return { result: 'already-undone', ...known, undoneBy: by.request, revision: by.revision, records: [] }
}

function wordsOf(targets: readonly Revision[]): string {
  const { actions, request, revisions } = factsOf(targets)
  const numbers = revisions.slice(0, 5).join(', ') + (revisions.length > 5 ? ', …' : '')
  const isUndo = targets.every(({ action }) => action.startsWith(`${undoAction} `))
  const what = isUndo ? `the undo of ${actions.join(', ')}` : actions.slice(0, 3).join(', ')
  return `${what} (${request}, revision${revisions.length === 1 ? '' : 's'} ${numbers})`
}

/** An action that is known to be undone from records may still have written what no guard is known for. */
function strangeReasons(targets: readonly Revision[]): Reason[] {
  return targets.flatMap(({ revision, changes }) =>
    changes.flatMap(({ table, record }): Reason[] => {
      const isNote = table === 'flows' && record?.open === false && Array.isArray(record.steps) && record.steps.length === 0
      if (undoTables[table] || isNote) return []
      return [{ kind: 'conflict', message: `revision ${revision} also wrote ${table}, which undo leaves alone` }]
    }),
  )
}
