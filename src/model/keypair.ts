import { name, z } from '../core/schema.ts'

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

/** The record's id: names are a user's own. */
export const keypairId = (userId: string, name: string) => `${userId}/${name}`

/** A key pair as its owner sees it. */
export const keypairView = keypairRecord.omit({ id: true, generation: true })
export type KeypairView = z.infer<typeof keypairView>

export function viewOfKeypair({ id: _, generation: __, ...rest }: Keypair): KeypairView {
  return rest
}

/** A name that can stand in the record's id. */
export const keypairName = () => name().regex(/^[^/]*$/)
