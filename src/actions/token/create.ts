import { count, name, object, slug, z } from '../../core/schema.ts'
import { iso } from '../../core/time.ts'
import { type Token, tokenView, viewOfToken } from '../../model/token.ts'
import { defineAction, writing } from '../context.ts'
import { hashOfSecret } from './secret-hash.ts'

const dayMs = 86_400_000

export const create = defineAction({
  name: 'token.create',
  summary: 'make a token for a user in a project; it is shown once',
  effect: 'write',
  policy: 'admin',
  input: object({
    name: name().describe('what the token is for'),
    user: slug(64).optional().describe('user that it stands for; yourself by default'),
    in: slug(255).optional().describe('project that it works in; your own by default'),
    roles: z
      .array(z.enum(['reader', 'member', 'admin']))
      .min(1)
      .max(3)
      .default(['member'])
      .describe('what it may do'),
    days: count(1, 3650).default(365).describe('days until it expires'),
  }),
  output: z.strictObject({ ...tokenView.shape, token: z.string() }),
  async run(input, context) {
    const { clock, random } = context
    const secret = Buffer.from(random.bytes(32)).toString('hex')
    const now = clock.wall()
    const record: Omit<Token, 'generation'> = {
      id: random.uuid().replaceAll('-', ''),
      name: input.name,
      userId: input.user ?? context.userId,
      projectId: input.in ?? context.projectId,
      roles: input.roles,
      hash: await hashOfSecret(secret),
      createdBy: context.userId,
      createdAt: iso(now),
      expiresAt: iso(now + input.days * dayMs),
      revokedAt: null,
    }
    const token = await writing(context, 'token.create', (tx) => tx.insert('tokens', record))
    return { ...viewOfToken(token), token: `nova_${token.id}_${secret}` }
  },
})
