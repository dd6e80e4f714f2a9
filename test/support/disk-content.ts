/** A root disk that begins with bytes of the test's own, and the same bytes looked for in an image of it. */
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { aDisk, aGuestImage } from './a-guest.ts'

const content = Buffer.from('on the root disk\n'.repeat(5000))

/** `disk` is an overlay over `image`, whose bytes are in `imageFile`. */
export function diskContent(directory: string) {
  const imageFile = join(directory, 'content.raw')
  const bytes = Buffer.alloc(1024 ** 2)
  content.copy(bytes)
  writeFileSync(imageFile, bytes)
  const digest = createHash('sha256').update(bytes).digest('hex')
  const image = aGuestImage({ digest, format: 'raw', size: bytes.length, virtualSize: bytes.length })
  const raw = join(directory, 'content.found')
  return {
    image,
    imageFile,
    disk: aDisk({ image, bytes: 4 * 1024 ** 2 }),
    /** Whether the qcow2 file holds them. */
    async isIn(file: string): Promise<boolean> {
      execFileSync('qemu-img', ['convert', '-f', 'qcow2', '-O', 'raw', file, raw])
      const found = readFileSync(raw)
      rmSync(raw)
      return found.subarray(0, content.length).equals(content)
    },
  }
}
