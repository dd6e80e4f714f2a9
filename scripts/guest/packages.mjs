/**
 * Gets distribution packages and unpacks them beside the system: nothing is installed and no root is needed.
 */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'

const run = (command, argv, options = {}) =>
  execFileSync(command, argv, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], ...options })

/** Busybox, an ssh server with its libraries, and what writes a bootable disk. */
const tools = ['busybox-static', 'syslinux', 'syslinux-common', 'mtools']
const sshServer = ['dropbear-bin', 'libtomcrypt1', 'libtommath1', 'libc6', 'libcrypt1', 'zlib1g', 'libgmp10']

/** The newest kernel made for virtual machines, Debian's cloud flavour or Ubuntu's virtual one; undefined when apt knows none. */
export function kernelPackage() {
  for (const meta of ['linux-image-cloud-amd64', 'linux-image-virtual']) {
    const image = dependencies(meta).find((name) => /^linux-image-\d/.test(name))
    if (image) return image
  }
  return undefined
}

function dependencies(name) {
  try {
    return [...run('apt-cache', ['depends', name]).matchAll(/Depends: (\S+)/g)].map((match) => match[1])
  } catch {
    return []
  }
}

/** Downloads what the guest is made of into `cache` and unpacks it under `target`. */
export function unpackPackages(kernel, cache, target) {
  mkdirSync(cache, { recursive: true })
  // Ubuntu keeps the modules in a package of their own.
  const modules = dependencies(kernel).filter((name) => /^linux-modules-\d/.test(name))
  for (const name of [kernel, ...modules, ...tools, ...sshServer]) unpack(download(name, cache), target)
}

function download(name, cache) {
  const known = join(cache, `${name}.deb`)
  if (existsSync(known)) return known
  const partial = join(cache, `${name}.part`)
  rmSync(partial, { recursive: true, force: true })
  mkdirSync(partial)
  // apt's own sandbox user cannot write into a private directory.
  run('apt-get', ['-qq', '-o', 'APT::Sandbox::User=root', 'download', name], { cwd: partial })
  const [file] = readdirSync(partial)
  if (!file) throw new Error(`apt-get downloaded nothing for ${name}`)
  renameSync(join(partial, file), known)
  rmSync(partial, { recursive: true, force: true })
  return known
}

const unpack = (file, target) => run('dpkg', ['-x', file, target])

/** Where a file of that name lies in an unpacked tree; distributions move them between /lib and /usr/lib. */
export function findFile(tree, name) {
  const matches = readdirSync(tree, { recursive: true }).filter((path) => path === name || path.endsWith(`/${name}`))
  const found = matches.find((path) => statSync(join(tree, path)).isFile())
  if (!found) throw new Error(`the packages contain no ${name}`)
  return join(tree, found)
}
