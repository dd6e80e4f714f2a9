/** The tiny guest of the tests: built once a clone, by one process at a time, and then found in .cache/guest. */
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { GuestImage } from '../../src/drivers/driver.ts'
import type { ImageFormat } from '../../src/model/image.ts'

export interface GuestFiles {
  readonly kernel: string
  readonly ramdisk: string
  /** A bootable qcow2. */
  readonly disk: string
}

const root = fileURLToPath(new URL('../..', import.meta.url))
let files: Promise<GuestFiles> | undefined

/** Paths of the guest's kernel, ramdisk and disk. */
export function guestImage(): Promise<GuestFiles> {
  files ??= build()
  return files
}

async function build(): Promise<GuestFiles> {
  const cache = join(root, '.cache')
  const out = join(cache, 'guest')
  mkdirSync(cache, { recursive: true })
  const builder = [process.execPath, join(root, 'scripts/build-guest.mjs'), out]
  await promisify(execFile)('flock', [join(cache, 'guest.lock'), ...builder])
  return { kernel: join(out, 'vmlinuz'), ramdisk: join(out, 'initrd.gz'), disk: join(out, 'guest.qcow2') }
}

/** A file in the words of the drivers. */
export function asGuestImage(path: string, format: ImageFormat, virtualSize = statSync(path).size): GuestImage {
  const digest = createHash('sha256').update(readFileSync(path)).digest('hex')
  return { id: `${format}-image`, digest, format, size: statSync(path).size, virtualSize }
}
