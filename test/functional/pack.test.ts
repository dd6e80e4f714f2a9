/** What `npm pack` makes: it installs into an empty prefix without a network, and boots from there. */
import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { builtCli } from '../support/built-cli.ts'

const root = path.resolve(import.meta.dirname, '../..')
const run = promisify(execFile)
let home: string
let nova: string
beforeAll(async () => {
  await builtCli()
  home = mkdtempSync(path.join(os.tmpdir(), 'nk-'))
  const env = { PATH: process.env.PATH, HOME: home, npm_config_cache: path.join(home, 'cache'), npm_config_offline: 'true' }
  await run('npm', ['pack', '--ignore-scripts', '--pack-destination', home], { cwd: root, env })
  const [tarball = ''] = readdirSync(home).filter((name) => name.endsWith('.tgz'))
  const prefix = path.join(home, 'prefix')
  mkdirSync(prefix)
  await run('npm', ['install', '--prefix', prefix, '--ignore-scripts', path.join(home, tarball)], { cwd: prefix, env })
  nova = path.join(prefix, 'node_modules', '.bin', 'nova')
})
afterAll(() => rmSync(home, { recursive: true, force: true }))

const installed = async (...line: string[]) => {
  const env = { PATH: process.env.PATH, HOME: home, NOVA_STATE: path.join(home, 'state') }
  return (await run(nova, line, { cwd: home, env })).stdout.trimEnd()
}

it('brings nothing else along', () => {
  expect(readdirSync(path.join(home, 'prefix', 'node_modules')).filter((name) => !name.startsWith('.'))).toEqual(['novakit'])
})

it('holds the program, its pages, and nothing of the tests or sources', () => {
  const files = readdirSync(path.join(home, 'prefix', 'node_modules', 'novakit')).sort()
  expect(files).toEqual(expect.arrayContaining(['LICENSE', 'README.md', 'bin', 'dist', 'docs', 'package.json']))
  expect(files).not.toEqual(expect.arrayContaining(['src']))
  expect(files).not.toEqual(expect.arrayContaining(['test']))
})

it('boots, lists, follows and deletes', async () => {
  await installed('host', 'add', 'h1', '--driver', 'fake')
  expect(await installed('boot', 'web-1', '--flavor', 'm1.tiny', '-f', 'name')).toBe('web-1')
  expect(await installed('boot', 'later', '--flavor', 'm1.tiny', '--no-wait', '-f', 'name')).toBe('later')
  expect(await installed('wait', 'later', '-f', 'value', '-c', 'status')).toBe('ACTIVE')
  expect(await installed('console', 'log', 'web-1')).toContain('login:')
  expect(await installed('delete', 'web-1', 'later')).toBe('deleted server web-1, later')
})

it('has help, completion and the version', async () => {
  expect(await installed('help', 'boot')).toContain('nova server create')
  expect(await installed('complete', 'boot', 'x', '--flavor', 'm1.t')).toBe('m1.tiny')
  expect(await installed('--version')).toMatch(/^novakit\/\d+\.\d+\.\d+ node-v/)
  expect(existsSync(path.join(home, 'prefix', 'node_modules', 'novakit', 'docs', 'reference'))).toBe(true)
})
