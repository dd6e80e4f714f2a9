// Makes a clone ready: dependencies as the lock file says. Runs with nothing installed, and does nothing when all is there.
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..')
const stamp = path.join(root, 'node_modules', '.novakit-lock')

/** Installs the dependencies when the lock file changed since the last time. */
export function installDependencies() {
  const lock = createHash('sha256')
    .update(readFileSync(path.join(root, 'package-lock.json')))
    .digest('hex')
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === lock) return
  console.error('installing dependencies (npm ci)')
  execFileSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    stdio: ['ignore', 2, 2],
  })
  writeFileSync(stamp, lock)
}

/** Refuses a node that is too old, in one line. */
export function checkNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  if (major > 20 || (major === 20 && minor >= 19)) return
  console.error(`error: novakit needs Node 20.19 or newer, this is ${process.versions.node}`)
  process.exit(1)
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  checkNode()
  installDependencies()
}
