/** The release build that the tests of the command line run: made once a run, by one process at a time. */
import { execFile } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const root = fileURLToPath(new URL('../..', import.meta.url))
const program = join(root, 'bin/run.js')
let built: Promise<string> | undefined

/** The path of the built program; builds when the sources are newer. */
export function builtCli(): Promise<string> {
  built ??= build()
  return built
}

async function build(): Promise<string> {
  const cache = join(root, '.cache')
  mkdirSync(cache, { recursive: true })
  await promisify(execFile)('flock', [join(cache, 'build.lock'), process.execPath, join(root, 'scripts/build.mjs')])
  return program
}
