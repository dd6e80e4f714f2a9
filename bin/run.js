#!/usr/bin/env node
// Starts the release bundle with V8's code cache when there is one for this Node; a clone without a build runs its sources.
// NOVA_CODE_CACHE=write makes the cache at the end of the run (the build and `nova-manage cache` do so).
'use strict'
// Keys of users lead to no prototype, whatever a library does with them (as node --disable-proto=delete).
// biome-ignore lint/suspicious/noProto: it goes
delete Object.prototype.__proto__

const fs = require('node:fs')
const path = require('node:path')

const version = process.versions.node.split('.').map(Number)
if (version[0] < 20 || (version[0] === 20 && version[1] < 19)) {
  process.stderr.write(`error: nova needs Node 20.19 or newer, this is ${process.version}\n`)
  process.exit(1)
}

const dist = path.join(__dirname, '..', 'dist')
const current = readOrNull(path.join(dist, 'current'))
if (current === null) runSources()
else runBundle(path.join(dist, `bundle-${current.toString('latin1').trim()}`))

function readOrNull(file) {
  try {
    return fs.readFileSync(file)
  } catch {
    return null
  }
}

function runBundle(base) {
  const filename = `${base}.cjs`
  const cacheFile = `${base}.${process.version}-${process.arch}.cache`
  // One function expression over CommonJS's five names, all of it ASCII: joining it here would copy a megabyte.
  const source = fs.readFileSync(filename, 'latin1')
  const writes = process.env.NOVA_CODE_CACHE === 'write'
  const cachedData = writes ? undefined : (readOrNull(cacheFile) ?? undefined)
  const vm = require('node:vm')
  // A rejected cache (another V8, other flags) only costs time. The file name holds a hash of what the bundle was made of,
  // because V8 would accept a cache of other source text of the same length.
  const script = new vm.Script(source, { filename, cachedData })
  const module_ = { exports: {} }
  if (writes) process.once('exit', () => writeCache(script, cacheFile))
  script.runInThisContext()(module_.exports, require('node:module').createRequire(filename), module_, filename, dist)
  void module_.exports.run()
}

function writeCache(script, file) {
  const temporary = `${file}.${process.pid}.tmp`
  fs.writeFileSync(temporary, script.createCachedData())
  fs.renameSync(temporary, file)
}

function runSources() {
  const root = path.join(__dirname, '..')
  if (!fs.existsSync(path.join(root, 'src', 'cli', 'run.ts')) || !fs.existsSync(path.join(root, 'node_modules', 'tsx'))) {
    process.stderr.write('error: nova is not built\ntry:  npm start, or npm ci && npm run build\n')
    process.exit(1)
  }
  process.stderr.write('nova is not built: running its sources, slowly; npm run build changes that\n')
  require('./dev.js')
}
