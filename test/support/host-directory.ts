/** A directory of this machine for one test, a real clock, and the local host over them. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Clock } from '../../src/core/ports.ts'
import type { WriteLocal } from '../../src/hosts/download.ts'
import { localHost } from '../../src/hosts/local.ts'
import { writeLocal } from '../../src/hosts/local-stream.ts'

/** Real time, for tests that run real programs. */
export const realTime: Clock = {
  wall: () => Date.now(),
  monotonic: () => performance.now(),
  sleep: async (ms, signal) => {
    await sleep(ms, undefined, { signal })
  },
  deadline: (ms) => AbortSignal.timeout(ms),
}

/** Takes files from hosts, as the program does. */
export const receive: WriteLocal = (localPath, source) => writeLocal('controller', localPath, source)

/** An empty directory, a host on it, and `cleanup` to remove it. */
export function hostDirectory() {
  const root = mkdtempSync(join(tmpdir(), 'nk-'))
  const directory = join(root, 'd')
  const host = localHost({ name: 'here', clock: realTime })
  let count = 0
  return {
    host,
    root,
    directory,
    localFile: async (bytes: Uint8Array) => {
      count += 1
      const path = join(root, `local-${count}`)
      writeFileSync(path, bytes)
      return path
    },
    cleanup: async () => rmSync(root, { recursive: true, force: true }),
  }
}

/** The same with the directory made. */
export async function emptyHostDirectory() {
  const made = hostDirectory()
  await made.host.mkdir(made.directory)
  return made
}
