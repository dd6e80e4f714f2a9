// `npm start`: from a fresh clone to a real guest at its login prompt, and back. Shows every command that it runs.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { ensurePrograms, refreshPackageLists } from './packages.mjs'
import { checkNode, installDependencies, root } from './setup.mjs'

checkNode()
const { values } = parseArgs({
  options: { driver: { type: 'string', default: 'qemu' }, state: { type: 'string' }, image: { type: 'string' } },
})
if (!['qemu', 'fake'].includes(values.driver)) stop(`--driver must be qemu or fake, not "${values.driver}"`)

const state = path.resolve(values.state ?? path.join(root, '.nova'))
installDependencies()
const built = spawnSync(process.execPath, [path.join(root, 'scripts', 'build.mjs')], { cwd: root, stdio: ['ignore', 2, 2] })
if (built.status !== 0) stop('the build failed')

const driver = await chooseDriver(values.driver)
const host = `${driver}-1`
const guest = driver === 'qemu' ? await guestDisk() : undefined

say(`state in ${path.relative(process.cwd(), state) || '.'}, driver ${driver}`)
nova('host', 'add', host, '--driver', driver, '--or-reuse', '-c', 'name,hypervisorType,accelerator')
if (guest) {
  removeOldImage(guest)
  nova('image', 'create', 'tiny', '--file', guest, '--or-reuse', '-c', 'name,format,size')
}
removeLeftover()
try {
  nova('boot', 'demo', ...(guest ? ['--image', 'tiny'] : []), '--flavor', 'm1.tiny', '--availability-zone', `nova:${host}`)
  nova('list')
  if (guest) nova('wait', 'demo', '--for', 'login', '--timeout', '180')
  nova('console', 'log', 'demo')
  nova('show', 'demo')
} finally {
  nova('delete', 'demo')
}
say(driver === values.driver ? 'done' : 'done, on the fake hypervisor')

/** Runs the CLI as a user would, after showing the line; stops at the first that fails. */
function nova(...words) {
  console.log(`\n$ nova ${words.map((word) => (/^[\w./:=-]+$/.test(word) ? word : JSON.stringify(word))).join(' ')}`)
  const argv = [path.join(root, 'bin', 'run.js'), ...words]
  const done = spawnSync(process.execPath, argv, { cwd: root, stdio: 'inherit', env: { ...process.env, NOVA_STATE: state } })
  if (done.status !== 0) stop(`nova ${words[0]} ended with exit code ${done.status}`)
}

/** What a quiet command prints; nothing when it fails. */
function answerOf(...words) {
  const argv = [path.join(root, 'bin', 'run.js'), ...words]
  return spawnSync(process.execPath, argv, {
    cwd: root,
    encoding: 'utf8',
    env: { ...process.env, NOVA_STATE: state },
  }).stdout.trim()
}

/** A demo that was killed before its end leaves its server; this one begins without it. */
function removeLeftover() {
  if (answerOf('list', '-f', 'name').split('\n').includes('demo')) nova('delete', 'demo')
}

/** The guest may have been built anew since the last demo. */
function removeOldImage(file) {
  const kept = answerOf('image', 'list', '--name', 'tiny', '-f', 'value', '-c', 'checksum')
  if (kept !== '' && kept !== createHash('sha256').update(readFileSync(file)).digest('hex')) nova('image', 'delete', 'tiny')
}

/** The driver asked for, or fake with the reason why. */
async function chooseDriver(asked) {
  if (asked === 'fake') return 'fake'
  const obstacle = await ensurePrograms(['qemu-system-x86_64', 'qemu-img', 'genisoimage'])
  if (obstacle === undefined) return 'qemu'
  say(`no hypervisor: ${obstacle}`)
  say('going on with the fake one; for real guests: apt-get install qemu-system-x86 qemu-utils genisoimage, then npm start')
  return 'fake'
}

/** A small bootable disk: the one given, or one built from distribution packages and kept. */
async function guestDisk() {
  if (values.image) return path.resolve(values.image)
  const { buildGuest } = await import('./build-guest.mjs')
  const out = path.join(root, '.cache', 'guest')
  try {
    return build()
  } catch {
    const obstacle = await refreshPackageLists()
    if (obstacle !== undefined) stop(`no guest image can be built: ${obstacle}; give one with: npm start -- --image disk.qcow2`)
    return build()
  }

  function build() {
    const { disk, built: fresh } = buildGuest(out)
    if (fresh) say('built a small guest image from distribution packages')
    return disk
  }
}

function say(text) {
  console.log(`# ${text}`)
}

function stop(text) {
  console.error(`error: ${text}`)
  process.exit(1)
}
