#!/usr/bin/env node
/**
 * Builds the small guest that `npm start` and the tests boot, from distribution packages alone and without root:
 * `node scripts/build-guest.mjs OUT [CACHE]` writes vmlinuz, initrd.gz and the bootable guest.qcow2.
 * A second run with the same kernel and the same scripts does nothing.
 */
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { writeDisk } from './guest/disk.mjs'
import { initrd } from './guest/initrd.mjs'
import { kernelPackage, unpackPackages } from './guest/packages.mjs'

/**
 * What the guest's kernel is told. All but the console saves time to the prompt: no self tests, no timer calibration
 * that an emulator only slows down, no probing of a keyboard that is not there.
 */
export const commandLine = [
  ...['console=ttyS0', 'quiet', 'nokaslr', 'mitigations=off', 'no_timer_check', 'tsc=reliable'],
  ...['cryptomgr.notests', 'rcupdate.rcu_expedited=1', 'i8042.noaux', 'i8042.noprobe'],
].join(' ')

const outputs = ['vmlinuz', 'initrd.gz', 'guest.qcow2']

/** Builds into `out` unless it is there already; resolves with the three paths and whether anything was done. */
export function buildGuest(out, cache = join(out, 'packages')) {
  mkdirSync(out, { recursive: true })
  const paths = { kernel: join(out, 'vmlinuz'), ramdisk: join(out, 'initrd.gz'), disk: join(out, 'guest.qcow2') }
  const stamp = join(out, 'stamp')
  const kernel = kernelPackage()
  const wanted = `${kernel} ${scriptsDigest()}`
  const found = existsSync(stamp) && outputs.every((name) => existsSync(join(out, name))) ? readFileSync(stamp, 'utf8') : ''
  if (found === wanted) return { ...paths, built: false }
  if (kernel === undefined) throw new Error('no kernel package is known here: run apt-get update')
  const work = mkdtempSync(join(out, 'work-'))
  try {
    assemble(kernel, cache, work)
    rmSync(stamp, { force: true })
    for (const name of outputs) renameSync(join(work, name), join(out, name))
    writeFileSync(stamp, wanted)
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
  return { ...paths, built: true }
}

function assemble(kernel, cache, work) {
  const tree = join(work, 'tree')
  mkdirSync(tree)
  unpackPackages(kernel, cache, tree)
  const boot = join(tree, 'boot')
  const image = readdirSync(boot).find((name) => name.startsWith('vmlinuz-'))
  if (!image) throw new Error(`${kernel} contains no kernel`)
  renameSync(join(boot, image), join(work, 'vmlinuz'))
  writeFileSync(join(work, 'initrd.gz'), gzipSync(initrd(tree), { level: 1 }))
  const files = { kernel: join(work, 'vmlinuz'), ramdisk: join(work, 'initrd.gz'), output: join(work, 'guest.qcow2') }
  writeDisk({ tree, work, commandLine, ...files })
}

function scriptsDigest() {
  const hash = createHash('sha256')
  const folder = fileURLToPath(new URL('./guest/', import.meta.url))
  const scripts = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  const paths = [fileURLToPath(import.meta.url), ...scripts.map((entry) => join(entry.parentPath ?? entry.path, entry.name))]
  for (const path of paths.sort()) hash.update(readFileSync(path)).update('\0')
  return hash.digest('hex').slice(0, 32)
}

if (process.argv[1] && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const [out, cache] = process.argv.slice(2)
  if (!out) {
    process.stderr.write('usage: build-guest.mjs OUT [CACHE]\n')
    process.exit(2)
  }
  const result = buildGuest(resolve(out), cache ? resolve(cache) : undefined)
  process.stdout.write(`${result.built ? 'built' : 'current'}: ${result.kernel} ${result.ramdisk} ${result.disk}\n`)
}
