/** The cluster of docs/how-to/three-controllers.md, as its script brings it up. */
import { type ChildProcess, spawn } from 'node:child_process'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { builtCli } from '../support/built-cli.ts'
import { novaJson } from '../support/cli.ts'
import { eventually } from '../support/eventually.ts'
import { rabbitObstacle } from '../support/rabbitmq.ts'

const script = path.resolve(import.meta.dirname, '../../examples/cluster.sh')
const directory = mkdtempSync(path.join(os.tmpdir(), 'nk-'))
let cluster: ChildProcess
let printed = ''

beforeAll(async () => {
  if (rabbitObstacle()) return
  // The database of a script that root runs belongs to somebody else.
  chmodSync(directory, 0o755)
  const nova = path.join(directory, 'nova')
  writeFileSync(nova, `#!/bin/sh\nexec ${process.execPath} ${await builtCli()} "$@"\n`, { mode: 0o755 })
  const env = { PATH: process.env.PATH, HOME: directory, NOVA: nova }
  cluster = spawn(script, [path.join(directory, 'c')], { env, stdio: ['ignore', 'pipe', 'pipe'] })
  for (const stream of [cluster.stdout, cluster.stderr])
    stream?.on('data', (text) => {
      printed += String(text)
    })
  await eventually('the cluster is up', async () => {
    if (cluster.exitCode !== null) throw new Error(`the script ended: ${printed}`)
    return printed.includes('ready')
  })
}, 200_000)

afterAll(async () => {
  if (cluster?.exitCode === null) {
    const ended = new Promise((resolve) => cluster.once('exit', resolve))
    cluster.kill('SIGTERM')
    await ended
  }
  rmSync(directory, { recursive: true, force: true })
})

it.skipIf(rabbitObstacle())('boots by one controller and lists by the other', async () => {
  const at = (name: string) => ({ state: path.join(directory, 'c', name) })
  expect(await novaJson(['boot', 'web-1', '--flavor', 'm1.tiny'], at('ctl1'))).toMatchObject({ status: 'ACTIVE' })
  expect(await novaJson(['list'], at('ctl2'))).toMatchObject([{ name: 'web-1', status: 'ACTIVE' }])
  expect(await novaJson(['queue', 'list'], at('ctl2'))).toContainEqual({ name: 'nova.dead', messages: 0, consumers: 0 })
})
