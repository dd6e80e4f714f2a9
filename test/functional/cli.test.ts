/** The built binary as people and scripts meet it: streams, exit codes, terminals, Ctrl-C, contexts, the code cache. */
import { spawn } from 'node:child_process'
import { cpSync, mkdirSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ensureBuilt } from '../../scripts/build.mjs'
import { aNovaHome, binary, type NovaHome, onTerminal } from '../support/nova-binary.ts'

let home: NovaHome
beforeAll(async () => {
  await ensureBuilt()
  home = aNovaHome()
  expect(home.nova('host', 'add', 'h1', '--driver', 'fake').code).toBe(0)
})
afterAll(() => home.remove())

describe('streams and codes', () => {
  it('keeps stdout for the result while a boot is told on stderr', () => {
    const { code, out, err } = home.nova('boot', 'web-1', '--flavor', 'm1.tiny', '--json')
    expect(code).toBe(0)
    expect(JSON.parse(out)).toMatchObject({ name: 'web-1', status: 'ACTIVE' })
    expect(err).toContain('web-1: spawn done')
    expect(home.nova('boot', 'web-2', '--flavor', 'm1.tiny', '-q', '-f', 'value', '-c', 'name')).toEqual({
      code: 0,
      out: 'web-2\n',
      err: '',
    })
  })

  it('says with the code why something was refused', () => {
    expect(home.nova('show', 'web-9').code).toBe(3)
    expect(home.nova('boot', 'x', '--flavor', 'm1.tiny', '--availability-zone', 'mars').code).toBe(6)
    expect(home.nova('flavor', 'create', 'm1.tiny', '--ram', '1', '--vcpus', '1', '--disk', '1').code).toBe(7)
    expect(home.nova('list', '--endpoint', 'https://cloud.example').code).toBe(4)
    expect(home.nova('list', '--endpoint', 'ftp://cloud.example').code).toBe(10)
  })

  it('takes flags before the command and completes names from the state', () => {
    expect(JSON.parse(home.nova('--json', 'list').out)).toHaveLength(2)
    expect(home.nova('complete', 'show', 'web-').out.split('\n').sort()).toEqual(['', 'web-1', 'web-2'])
  })

  it('uses the chosen context, and NOVA_CONTEXT before it', () => {
    const state = home.env.NOVA_STATE ?? ''
    expect(home.nova('context', 'add', 'lab', '--state', state).code).toBe(0)
    const names = (env: NodeJS.ProcessEnv) => home.with({ NOVA_STATE: '', ...env }).nova('list', '-f', 'name').out
    expect(names({})).toContain('web-1')
    expect(home.nova('context', 'add', 'empty', '--state', path.join(home.directory, 'empty')).code).toBe(0)
    expect(names({ NOVA_CONTEXT: 'empty' })).toBe('')
  })
})

describe('on a terminal', () => {
  it('asks for what is missing, and before a destroy', async () => {
    const added = await onTerminal(home, ['context', 'add'], [[/name of the context/, 'asked\r']])
    expect(added.code).toBe(0)
    const kept = await onTerminal(home, ['context', 'remove', 'asked'], [[/remove context asked\?/, 'n\r']])
    expect(kept).toMatchObject({ code: 130 })
    expect(kept.shown).toContain('nothing was changed')
    const gone = await onTerminal(home, ['context', 'remove', 'asked'], [[/remove context asked\?/, 'y\r']])
    expect(gone).toMatchObject({ code: 0 })
    expect(home.nova('context', 'show', 'asked').code).toBe(3)
  })

  it('draws the steps of long work and no escape codes into a pipe', async () => {
    const { code, shown } = await onTerminal(home, ['boot', 'web-3', '--flavor', 'm1.tiny'], [[/image to boot from|\? /, '\r']])
    expect(code).toBe(0)
    expect(shown).toMatch(/✔.* spawn/)
    expect(home.nova('list').out).toMatch(/^[ -~\n]*$/)
  })

  it('asks nothing in CI', async () => {
    const { code, shown } = await onTerminal(home.with({ CI: 'true' }), ['context', 'add'], [])
    expect(code).toBe(2)
    expect(shown).toContain('needs NAME')
  })
})

describe('Ctrl-C', () => {
  it('ends the wait with 130, and the boot goes on without the terminal', async () => {
    const instances = path.join(home.env.NOVA_STATE ?? '', 'instances', 'h1')
    mkdirSync(instances, { recursive: true })
    writeFileSync(path.join(instances, 'faults.json'), JSON.stringify([{ call: 'spawn', mode: 'slow', ms: 6000 }]))
    const child = spawn(process.execPath, [binary, 'boot', 'slow', '--flavor', 'm1.tiny'], { env: home.env })
    let err = ''
    child.stderr.on('data', (chunk) => {
      const before = err
      err += String(chunk)
      if (!before.includes('config-drive done') && err.includes('config-drive done')) child.kill('SIGINT')
    })
    const code = await new Promise((resolve) => child.once('close', resolve))
    expect(code).toBe(130)
    expect(err).toMatch(/stopped waiting; .*slow goes on\. follow it with: nova /)
    expect(home.nova('wait', 'slow', '--for', 'active', '--timeout', '30')).toMatchObject({ code: 0 })
  })
})

describe('the code cache', () => {
  it('may be cut off or missing', () => {
    const root = path.resolve(path.dirname(binary), '..')
    const copy = path.join(home.directory, 'copy')
    for (const folder of ['bin', 'dist']) cpSync(path.join(root, folder), path.join(copy, folder), { recursive: true })
    const dist = path.join(copy, 'dist')
    const [cache = ''] = readdirSync(dist).filter((file) => file.endsWith('.cache'))
    expect(cache).toContain(process.version)
    truncateSync(path.join(dist, cache), 1000)
    const version = () => home.program(path.join(copy, 'bin', 'run.js'), ['version', '-f', 'value', '-c', 'json'])
    expect(version()).toEqual({ code: 0, out: '1\n', err: '' })
    rmSync(path.join(dist, cache))
    expect(version()).toEqual({ code: 0, out: '1\n', err: '' })
  })
})
