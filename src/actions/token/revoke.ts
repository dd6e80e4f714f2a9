import { Fault } from '../../core/fault.ts'
import { object, reference } from '../../core/schema.ts'
import { iso } from '../../core/time.ts'
import { tokenView, viewOfToken } from '../../model/token.ts'
import { defineAction, writing } from '../context.ts'

export const revoke = defineAction({
  name: 'token.revoke',
  summary: 'make a token worthless at once',
  effect: 'destroy',
  policy: 'admin',
  input: object({ id: reference().describe('id of the token') }),
  output: tokenView,
  async run({ id }, context) {
    const token = await writing(context, 'token.revoke', async (tx) => {
      const stored = await tx.get('tokens', id)
      if (!stored) throw new Fault('not-found', `no token has the id ${id}`, { hint: 'nova token list' })
      if (stored.revokedAt !== null) return stored
      return tx.update('tokens', { ...stored, revokedAt: iso(context.clock.wall()) })
    })
    return viewOfToken(token)
  },
})
