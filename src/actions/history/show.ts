import { Fault } from '../../core/fault.ts'
import { count, object, reference, z } from '../../core/schema.ts'
import { oldestKept } from '../../state/moment.ts'
import type { HistoryStart, Revision } from '../../state/store.ts'
import { type Context, defineAction, reading } from '../context.ts'
import { undoAction, undoesOf } from '../request/undo-words.ts'
import { differences, type Fields, recordAfter } from './differences.ts'
import { maySee, type Noun, nouns, subjectId, subjects } from './find-subject.ts'

const entry = z.object({
  revision: z.int(),
  at: z.string(),
  actor: z.string(),
  request: z.string(),
  action: z.string(),
  undoes: z.string().nullable().describe('the request that it undid'),
  event: z
    .enum(['created', 'changed', 'removed', 'purged'])
    .describe('purged: the history begins here, older revisions are gone'),
  changes: z.array(z.object({ field: z.string(), before: z.unknown(), after: z.unknown() })),
})
type Entry = z.infer<typeof entry>

export const show = defineAction({
  name: 'history.show',
  summary: 'show who changed a record, when, and what',
  effect: 'read',
  policy: 'reader',
  input: object({
    type: z.enum(nouns).describe('kind of record'),
    name: reference().describe('name or id of the record; the id when it was removed'),
    limit: count(1, 10_000).default(1000).describe('at most this many, the newest'),
  }),
  output: z.array(entry),
  async run(input, context) {
    const id = await reading(context, (reader) => subjectId(reader, input.type, input.name, context))
    const table = subjects[input.type]
    const start = await context.store.historyStart?.()
    const first = start ? await stateAt(start, table, id, context) : null
    const revisions = await context.store.history(table, id)
    if (!isVisible(input.type, id, first, revisions, context))
      throw new Fault('not-found', `no ${input.type} with a name or id of "${input.name}"`, {
        hint: `a removed record is known by its id${start ? `; ${oldestKept(start)}` : ''}`,
      })
    const begins = start && first ? [beginning(start)] : []
    return [...begins, ...entriesOf(first, revisions, table, id)].slice(-input.limit)
  },
})

/** Says where the history of a record begins that is older. */
const beginning = ({ revision, at, purgedAt }: HistoryStart): Entry => ({
  ...{ revision, at, actor: 'nova', request: '', action: 'db.purge-history', undoes: null, event: 'purged' },
  changes: [{ field: 'purgedAt', before: null, after: purgedAt }],
})

type Table = (typeof subjects)[Noun]

/** What the record was where history begins; null when it was not there. */
async function stateAt({ revision }: HistoryStart, table: Table, id: string, { store }: Context): Promise<Fields | null> {
  const found = await store.read((reader) => reader.get(table, id), { revision })
  return found ? { ...found } : null
}

/** Decided by the last state that the record had; nothing written is nothing to see. */
function isVisible(noun: Noun, id: string, first: Fields | null, revisions: readonly Revision[], context: Context): boolean {
  const last = [first, ...revisions.map((revision) => recordAfter(revision, subjects[noun], id))]
    .filter((record) => !!record)
    .at(-1)
  return !!last && maySee(noun, last, context)
}

function entriesOf(first: Fields | null, revisions: readonly Revision[], table: string, id: string): Entry[] {
  let before = first
  const entries: Entry[] = []
  for (const one of revisions) {
    const after = recordAfter(one, table, id)
    if (after === undefined) continue
    const { revision, at, actor, request } = one
    const undoes = undoesOf(one.action)
    const action = undoes ? undoAction : one.action
    const about = { revision, at, actor, request, action, undoes: undoes?.request ?? null }
    const event = after === null ? 'removed' : before === null ? 'created' : 'changed'
    entries.push({ ...about, event, changes: differences(before, after) })
    before = after
  }
  return entries
}
