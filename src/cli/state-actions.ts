/** `nova state …`: what is done to a place of records as a whole, by this process and never by a daemon. */
import { object, text, z } from '../core/schema.ts'
import { defineLocal } from './local-action.ts'

const place = () =>
  text(2048).regex(/^(json:.|postgres(ql)?:\/\/)/, { message: 'must be json:DIRECTORY or postgres://USER@HOST/DATABASE' })

export const stateMove = defineLocal({
  name: 'state.move',
  summary: 'move all records, their history and secrets to another place, verified; goes on where it was interrupted',
  effect: 'write',
  policy: 'admin',
  input: object({
    from: place().describe('where the records are: json:DIRECTORY or postgres://USER@HOST/DATABASE'),
    to: place().describe('an empty place of either kind; a password comes from PGPASSFILE or PGPASSWORD'),
  }),
  output: z.object({
    from: z.string(),
    to: z.string(),
    revisions: z.int(),
    resumedAt: z.int(),
    secrets: z.int(),
    stateHash: z.string(),
    historyHash: z.string(),
  }),
  async run({ from, to }, call) {
    const { moveBetween } = await import('../main-move.ts')
    return moveBetween(from, to, (done, total) => call.progress({ type: 'bytes', what: 'revisions', done, total }))
  },
})
