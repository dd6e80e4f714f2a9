import { Fault } from '../core/fault.ts'
import { z } from '../core/schema.ts'

export const tokenRecord = z.object({
  /** The public part of the token, after `nova_`. */
  id: z.string(),
  generation: z.int(),
  /** What it is for, in its owner's words. */
  name: z.string(),
  userId: z.string(),
  projectId: z.string(),
  roles: z.array(z.enum(['reader', 'member', 'admin'])),
  /** SHA-256 of the secret part, hex; the secret itself is not kept. */
  hash: z.string(),
  /** Who made it. */
  createdBy: z.string(),
  createdAt: z.string(),
  expiresAt: z.string(),
  revokedAt: z.string().nullable(),
})
export type Token = z.infer<typeof tokenRecord>

/** A token as administrators see it: without its hash. */
export const tokenView = tokenRecord.omit({ generation: true, hash: true })
export type TokenView = z.infer<typeof tokenView>

export function viewOfToken({ hash: _, generation: __, ...rest }: Token): TokenView {
  return rest
}

/** The two parts of a token's text, `nova_ID_SECRET`; undefined for other text. */
export function partsOfToken(text: string): { readonly id: string; readonly secret: string } | undefined {
  const [, id, secret] = /^nova_([0-9a-f]{32})_([A-Za-z0-9-]{43,64})$/.exec(text) ?? []
  return id !== undefined && secret !== undefined ? { id, secret } : undefined
}

/** Refuses a token that is not in force at `now`, an ISO 8601 time. */
export function guardToken(token: Token, now: string): void {
  if (token.revokedAt !== null) throw new Fault('unauthenticated', `token ${token.name} was revoked at ${token.revokedAt}`)
  if (token.expiresAt <= now) throw new Fault('unauthenticated', `token ${token.name} expired at ${token.expiresAt}`)
}
