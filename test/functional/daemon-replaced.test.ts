/** A daemon whose program's files were replaced by those of another version: it serves, reloads and drains as before. */
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterEach, expect, it } from 'vitest'
import { removeState } from '../support/a-daemon.ts'
import { builtCli } from '../support/built-cli.ts'
import { nova, novaJson, type RunningCli, spawnNova } from '../support/cli.ts'
import { eventually } from '../support/eventually.ts'

const made: string[] = []
let daemon: RunningCli | undefined
const temporary = () => {
  const directory = mkdtempSync(path.join(os.tmpdir(), 'nk-'))
  made.push(directory)
  return directory
}
afterEach(async () => {
  daemon?.kill()
  await daemon?.ended
  made.splice(0).forEach(removeState)
})

/** A copy of the program, so that others keep theirs. */
async function ownProgram(): Promise<string> {
  const root = path.join(path.dirname(await builtCli()), '..')
  const copy = temporary()
  for (const part of ['bin', 'dist', 'package.json']) cpSync(path.join(root, part), path.join(copy, part), { recursive: true })
  return copy
}

it('a daemon outlives the files of its program, and a command without them says what happened', async () => {
  const program = await ownProgram()
  const state = temporary()
  const run = path.join(program, 'bin/run.js')
  // The shell gives its place to the copy, with the arguments of this program.
  const under = ['sh', '-c', `shift; shift; exec ${process.execPath} ${run} "$@"`, 'sh']
  daemon = await spawnNova(['daemon', 'run'], { state, under })
  await eventually('it answers', async () => (await nova(['daemon', 'status'], { state })).code === 0)
  const dist = path.join(program, 'dist')
  for (const file of readdirSync(dist)) if (file.startsWith('commands-')) rmSync(path.join(dist, file))
  const helpless = await nova(['help'], { state, under })
  expect(helpless).toMatchObject({ code: 7, stderr: expect.stringContaining('error: the program was replaced while it ran') })
  expect(helpless.stderr).toContain('nova daemon upgrade')
  rmSync(dist, { recursive: true })
  mkdirSync(dist)

  expect(await novaJson(['daemon', 'reload'], { state })).toEqual({ reloaded: true })
  expect(Object(await novaJson(['rpc', 'call', 'rpc.discover', '{}'], { state })).methods.length).toBeGreaterThan(100)
  expect((await nova(['host', 'add', 'h1', '--driver', 'fake'], { state })).code).toBe(0)
  expect(await novaJson(['boot', 'web-1', '--flavor', 'm1.tiny'], { state })).toMatchObject({ status: 'ACTIVE' })
  daemon.kill('SIGTERM')
  const { code, stderr } = await daemon.ended
  expect(code).toBe(0)
  expect(stderr).toContain('"msg":"ended"')
})
