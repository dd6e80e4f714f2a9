import { z } from '../core/schema.ts'

export const keypairRecord = z.object({
  /** userId + '/' + name. */
  id: z.string(),
  generation: z.int(),
  userId: z.string(),
  name: z.string(),
  type: z.enum(['ssh']),
  publicKey: z.string(),
  /** MD5 in colon-separated hex, as Nova prints it. */
  fingerprint: z.string(),
  /** SHA256:… as OpenSSH prints it. */
  sha256: z.string(),
  createdAt: z.string(),
})
export type Keypair = z.infer<typeof keypairRecord>
