/**
 * The guest's first and only file system.
 */
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import { cpioArchive } from './cpio.mjs'
import { earlyModules, lateModules, moduleDirectory, moduleFiles } from './modules.mjs'
import { findFile } from './packages.mjs'

const root = new URL('./root/', import.meta.url)
const script = (name) => readFileSync(new URL(name, root))
const directory = (path) => ({ path, kind: 'directory' })
const file = (path, data) => ({ path, kind: 'file', data })
const link = (path, target) => ({ path, kind: 'link', data: target })

// Without nsswitch.conf the static busybox crashes when it looks a name up.
const settings = [
  file('etc/nsswitch.conf', 'passwd: files\ngroup: files\nshadow: files\nhosts: files dns\nservices: files\n'),
  file('etc/services', 'http 80/tcp\n'),
  file('etc/hosts', '127.0.0.1 localhost\n'),
  file('etc/passwd', 'root:*:0:0:root:/root:/bin/sh\n'),
  file('etc/group', 'root:x:0:\n'),
  file('etc/shells', '/bin/sh\n'),
  file('etc/acpi.map', 'EV_KEY\t0x01\tKEY_POWER\t116\t1\tPWRF/00000080\n'),
]

/** The archive for the kernel: busybox, modules, our scripts and, packed inside, the ssh server. */
export function initrd(tree) {
  const busybox = findFile(tree, 'busybox')
  const modules = moduleDirectory(tree)
  const early = moduleFiles(modules, busybox, earlyModules)
  const late = moduleFiles(modules, busybox, lateModules).filter(({ name }) => !early.some((known) => known.name === name))
  const names = (list) => list.map((item) => `${item.name}\n`).join('')
  return cpioArchive([
    ...['bin', 'dev', 'proc', 'sys', 'tmp', 'run', 'root', 'mnt', 'mnt/config', 'lib', 'lib/modules', 'lib64'].map(directory),
    ...['etc', 'etc/acpi', 'etc/acpi/PWRF', 'usr', 'usr/sbin', 'sbin'].map(directory),
    ...settings,
    file('init', script('init')),
    ...['late', 'agent', 'udhcpc', 'config-drive'].map((name) => file(`etc/${name}`, script(name))),
    file('etc/acpi/PWRF/00000080', script('power-off')),
    file('bin/busybox', readFileSync(busybox)),
    ...applets(busybox).map((name) => link(`bin/${name}`, 'busybox')),
    ...[...early, ...late].map((item) => file(`lib/modules/${item.name}`, item.data)),
    file('lib/modules/early', names(early)),
    file('lib/modules/late', names(late)),
    file('ssh.cpio.gz', sshServer(tree)),
  ])
}

const applets = (busybox) =>
  execFileSync(busybox, ['--list'], { encoding: 'utf8' })
    .split('\n')
    .filter((name) => name && name !== 'busybox')

const libraries = ['libtomcrypt.so.1', 'libtommath.so.1', 'libc.so.6', 'libcrypt.so.1', 'libz.so.1', 'libgmp.so.10']

/** The ssh server in an archive of its own, so that the time to the prompt does not pay for its unpacking. */
function sshServer(tree) {
  const archive = cpioArchive([
    ...['lib', 'lib64', 'usr', 'usr/sbin', 'bin'].map(directory),
    file('lib64/ld-linux-x86-64.so.2', readFileSync(findFile(tree, 'ld-linux-x86-64.so.2'))),
    ...libraries.map((name) => file(`lib/${name}`, readFileSync(findFile(tree, name)))),
    file('bin/dropbear', readFileSync(findFile(tree, 'dropbear'))),
  ])
  return gzipSync(archive, { level: 6 })
}
