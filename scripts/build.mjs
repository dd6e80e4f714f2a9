/**
 * Builds the release under dist/, or does nothing when it is there already for the same inputs.
 * `--force` builds anyway. The code cache for this Node is made by one warm-up run of the finished bundle.
 */
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { bundle } from './bundle/bundle.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const dist = path.join(root, 'dist')

/** Builds when needed and resolves with what is there. */
export async function ensureBuilt({ force = false } = {}) {
  const started = performance.now()
  const hash = await inputsHash()
  const base = `bundle-${hash}`
  const fresh = !force && (await readOr(path.join(dist, 'current'))) === `${hash}\n` && existsSync(path.join(dist, `${base}.cjs`))
  const bytes = fresh ? undefined : await writeBundle(hash)
  const cache = path.join(dist, `${base}.${process.version}-${process.arch}.cache`)
  if (!fresh || !existsSync(cache)) await warmUp()
  return { fresh, bytes, ms: Math.round(performance.now() - started), hasCache: existsSync(cache) }
}

async function writeBundle(hash) {
  const { version } = JSON.parse(await readFile(path.join(root, 'package.json'), 'utf8'))
  const descriptions = `commands-${hash}.json`
  await mkdir(dist, { recursive: true })
  const { text, described, licenses } = await bundle(root, { version, descriptions })
  await replace(descriptions, JSON.stringify(described))
  await replace('THIRD-PARTY-LICENSES.txt', licenses)
  await replace(`bundle-${hash}.cjs`, `(function(exports,require,module,__filename,__dirname){${text}\n})`)
  await replace('current', `${hash}\n`)
  await removeOld(hash)
  return text.length
}

async function replace(name, text) {
  const temporary = path.join(dist, `${name}.${process.pid}.tmp`)
  await writeFile(temporary, text)
  await rename(temporary, path.join(dist, name))
}

async function removeOld(hash) {
  const old = (await readdir(dist)).filter((file) => /^(bundle|commands)-/.test(file) && !file.includes(hash))
  await Promise.all(old.map((file) => rm(path.join(dist, file), { force: true })))
}

/** Command lines before the last: what `nova list` compiles for records must be in the cache too, so there must be some. */
const rehearsal = [
  ['host', 'add', 'warm', '--driver', 'fake', '--quiet'],
  ['boot', 'warm', '--flavor', 'm1.tiny', '--min-count', '3', '--quiet'],
]

/** One `nova list` compiles what the hot road needs; the loader writes the cache when it ends. */
async function warmUp() {
  const home = await mkdtemp(path.join(os.tmpdir(), 'nk-'))
  const env = { PATH: process.env.PATH, HOME: home, NOVA_STATE: path.join(home, 'state') }
  const nova = (argv, more) =>
    promisify(execFile)(process.execPath, [path.join(root, 'bin', 'run.js'), ...argv], {
      env: { ...env, ...more },
      timeout: 60_000,
    })
  try {
    for (const argv of rehearsal) await nova(argv)
    await nova(['list'], { NOVA_CODE_CACHE: 'write' })
  } catch (error) {
    process.stderr.write(`build: the warm-up failed, nova starts slower: ${String(error.stderr ?? error.message).trim()}\n`)
  } finally {
    await rm(home, { recursive: true, force: true })
  }
}

/** Everything that the bundle is made of: sources, build scripts, the lock file. */
async function inputsHash() {
  const files = [
    ...(await filesBelow(path.join(root, 'src'))),
    ...(await filesBelow(path.join(root, 'scripts', 'bundle'))),
    ...['scripts/build.mjs', 'package.json', 'package-lock.json'].map((file) => path.join(root, file)),
  ]
  const hash = createHash('sha256')
  for (const file of files.sort())
    hash
      .update(path.relative(root, file))
      .update('\0')
      .update(await readFile(file))
      .update('\0')
  return hash.digest('hex').slice(0, 12)
}

async function filesBelow(directory) {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true })
  return entries.filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath, entry.name))
}

const readOr = (file) => readFile(file, 'utf8').catch(() => undefined)

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    const { fresh, bytes, ms, hasCache } = await ensureBuilt({ force: process.argv.includes('--force') })
    const what = fresh ? 'dist is up to date' : `built dist (${Math.round(bytes / 1024)} KB)`
    process.stdout.write(`${what} in ${ms} ms${hasCache ? '' : ', without a code cache'}\n`)
  } catch (error) {
    process.stderr.write(`error: the build failed: ${error.message}\n`)
    process.exitCode = 1
  }
}
