/** A disk of a few megabytes that can really be filled: a tmpfs. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Mounting needs root; on a user's machine suites that need it are skipped by name, in CI they fail. */
const isPossible = process.getuid?.() === 0 || process.env.CI === 'true'

/** `mount` makes one and returns its path; `unmount` takes all of them away. */
function makeSmallDisk() {
  const mounted: string[] = []
  return {
    mount(size: string): string {
      const path = mkdtempSync(join(tmpdir(), 'nk-'))
      execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size},mode=700`, 'tmpfs', path])
      mounted.push(path)
      return path
    },
    unmount(): void {
      for (const path of mounted.splice(0)) {
        execFileSync('umount', ['-l', path])
        rmdirSync(path)
      }
    },
  }
}

export const smallDisk = Object.assign(makeSmallDisk, { isPossible })
