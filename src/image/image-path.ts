/** Files of images are named by the SHA-256 of their bytes. */
import { Fault } from '../core/fault.ts'

/** Where the file of a digest is, or would be. Fault `invalid` for what is no digest. */
export function imagePath(directory: string, digest: string): string {
  if (/^[0-9a-f]{64}$/.test(digest)) return `${directory}/${digest}`
  throw new Fault('invalid', `${JSON.stringify(digest.slice(0, 80))} is not a SHA-256 in hex`)
}
