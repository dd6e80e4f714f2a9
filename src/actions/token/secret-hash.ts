/** The only form in which the secret part of a token is kept. */

/** SHA-256, hex. A token's secret has 256 bits of chance: no salt or slow hash makes it harder to guess. */
export async function hashOfSecret(secret: string): Promise<string> {
  const { createHash } = await import('node:crypto')
  return createHash('sha256').update(secret).digest('hex')
}
