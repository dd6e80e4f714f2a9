// Runs a program of the project and stops with its exit code when it fails.
import { spawnSync } from 'node:child_process'
import path from 'node:path'
import { root } from './setup.mjs'

/** Runs argv in the project's root with its own programs on the PATH. */
export function run(argv, env = {}) {
  const bin = path.join(root, 'node_modules', '.bin')
  const began = performance.now()
  const [program, ...rest] = argv
  const done = spawnSync(program, rest, {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, PATH: `${bin}:${process.env.PATH}`, ...env },
  })
  const seconds = ((performance.now() - began) / 1000).toFixed(1)
  if (done.error) console.error(`error: ${program}: ${done.error.message}`)
  console.error(`${done.status === 0 ? 'ok' : 'FAILED'}  ${argv.slice(0, 3).join(' ')}  ${seconds} s`)
  if (done.status !== 0) process.exit(done.status ?? 1)
}
