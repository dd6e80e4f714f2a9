import { Fault } from '../../core/fault.ts'
import { count, object, reference, z } from '../../core/schema.ts'
import type { Revision } from '../../state/store.ts'
import { type Context, defineAction, reading } from '../context.ts'
import { differences, recordAfter } from './differences.ts'
import { maySee, type Noun, nouns, subjectId, subjects } from './find-subject.ts'

const entry = z.object({
  revision: z.int(),
  at: z.string(),
  actor: z.string(),
  request: z.string(),
  action: z.string(),
  event: z.enum(['created', 'changed', 'removed']),
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
    const revisions = await context.store.history(subjects[input.type], id)
    if (!isVisible(input.type, id, revisions, context))
      throw new Fault('not-found', `no ${input.type} with a name or id of "${input.name}"`, {
        hint: 'a removed record is known by its id',
      })
    return entriesOf(revisions, subjects[input.type], id).slice(-input.limit)
  },
})

/** Decided by the last state that the record had; nothing written is nothing to see. */
function isVisible(noun: Noun, id: string, revisions: readonly Revision[], context: Context): boolean {
  const last = revisions
    .map((revision) => recordAfter(revision, subjects[noun], id))
    .filter((record) => !!record)
    .at(-1)
  return !!last && maySee(noun, last, context)
}

function entriesOf(revisions: readonly Revision[], table: string, id: string): Entry[] {
  let before: Readonly<Record<string, unknown>> | null = null
  const entries: Entry[] = []
  for (const one of revisions) {
    const after = recordAfter(one, table, id)
    if (after === undefined) continue
    const { revision, at, actor, request, action } = one
    const event = after === null ? 'removed' : before === null ? 'created' : 'changed'
    entries.push({ revision, at, actor, request, action, event, changes: differences(before, after) })
    before = after
  }
  return entries
}
