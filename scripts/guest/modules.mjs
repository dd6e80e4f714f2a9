/**
 * Which kernel modules the guest carries and in which order they load.
 */
import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'

/** Before the prompt: the config drive and the power button. */
export const earlyModules = ['virtio_pci', 'virtio_blk', 'isofs', 'button', 'evdev']
/** After the prompt, in the background. */
export const lateModules = [
  'virtio_net',
  'virtio-rng',
  'virtio_balloon',
  'virtio_console',
  'virtio_scsi',
  'sd_mod',
  'sr_mod',
  'ata_piix',
]

/** The files of `wanted` with everything they need, dependencies first; a module built into the kernel is left out. */
export function moduleFiles(directory, busybox, wanted) {
  const table = dependencyTable(directory, busybox)
  const order = []
  const add = (path) => {
    if (order.includes(path)) return
    for (const needed of table.get(path) ?? []) add(needed)
    order.push(path)
  }
  for (const name of wanted) {
    const path = [...table.keys()].find((key) => moduleName(key) === name)
    if (path) add(path)
  }
  return order.map((path) => ({ name: `${moduleName(path)}.ko`, data: moduleContent(join(directory, path)) }))
}

const moduleName = (path) => basename(path).replace(/\.ko(\.\w+)?$/, '')

function dependencyTable(directory, busybox) {
  const file = join(directory, 'modules.dep')
  if (!existsSync(file)) execFileSync(busybox, ['depmod', '-b', join(directory, '../../..'), basename(directory)])
  const lines = readFileSync(file, 'utf8').trim().split('\n')
  return new Map(
    lines.map((line) => {
      const [path, needed] = line.split(':')
      return [path, needed.trim().split(/\s+/).filter(Boolean)]
    }),
  )
}

// Ubuntu compresses modules with zstd, which busybox's insmod cannot read.
function moduleContent(path) {
  if (path.endsWith('.zst')) return execFileSync('zstd', ['-dcq', path], { maxBuffer: 64 * 1024 * 1024 })
  return readFileSync(path)
}

/** The directory of the one kernel that was unpacked under `tree`. */
export function moduleDirectory(tree) {
  for (const base of ['lib/modules', 'usr/lib/modules']) {
    const path = join(tree, base)
    const [version] = existsSync(path) ? readdirSync(path) : []
    if (version) return join(path, version)
  }
  throw new Error('the kernel package has no modules')
}
