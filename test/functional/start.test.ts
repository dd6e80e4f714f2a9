/** `npm start` on the fake hypervisor: the whole tour in one command, again and again. */
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { builtCli } from '../support/built-cli.ts'

const root = path.resolve(import.meta.dirname, '../..')
let home: string
beforeAll(async () => {
  await builtCli()
  home = mkdtempSync(path.join(os.tmpdir(), 'nk-'))
})
afterAll(() => rmSync(home, { recursive: true, force: true }))

const start = async (...words: string[]) => {
  const argv = ['start', '--silent', '--', '--driver', 'fake', '--state', path.join(home, 'state'), ...words]
  return (await promisify(execFile)('npm', argv, { cwd: root })).stdout
}

it('shows each command and what it prints, and leaves nothing behind', async () => {
  const told = await start()
  const commands = [...told.matchAll(/^\$ nova (.*)$/gm)].map(([, line = '']) => line.split(' ')[0])
  expect(commands).toEqual(expect.arrayContaining(['host', 'boot', 'list', 'console', 'show', 'delete']))
  expect(told).toMatch(/demo +ACTIVE/)
  expect(told).toContain('demo login:')
  expect(told).toContain('deleted server demo')
})

it('does it again over the same state', async () => {
  expect(await start()).toContain('deleted server demo')
})

it('refuses a driver that is none in one line', async () => {
  const argv = [path.join(root, 'scripts/start.mjs'), '--driver', 'zen']
  await expect(promisify(execFile)(process.execPath, argv)).rejects.toMatchObject({
    code: 1,
    stderr: 'error: --driver must be qemu or fake, not "zen"\n',
  })
})
