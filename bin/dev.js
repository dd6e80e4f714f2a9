#!/usr/bin/env node
// Runs the sources as they are, without a build: for development and for a fresh clone.
'use strict'
const path = require('node:path')
const { pathToFileURL } = require('node:url')

async function main() {
  const { register } = await import('tsx/esm/api')
  register()
  const { run } = await import(pathToFileURL(path.join(__dirname, '..', 'src', 'cli', 'run.ts')).href)
  await run()
}

main().catch((error) => {
  process.stderr.write(`error: ${error instanceof Error ? error.stack : error}\n`)
  process.exitCode = 1
})
