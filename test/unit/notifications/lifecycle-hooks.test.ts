import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { localHost } from '../../../src/hosts/local.ts'
import type { Notification } from '../../../src/model/notification.ts'
import { type HooksOptions, runHooks } from '../../../src/notifications/lifecycle-hooks.ts'
import { systemClock as clock } from '../../../src/system/clock.ts'
import { systemFs as fs } from '../../../src/system/fs.ts'

let state: string
let directory: string
let notes: { readonly message: string; readonly reason?: unknown; readonly output?: unknown }[]
let timeoutMs: number
const type = 'compute.instance.create.end'
const told: Notification = {
  message_id: '7.1',
  event_type: type,
  priority: 'INFO',
  timestamp: '2026-01-01T00:00:00.000Z',
  publisher_id: 'compute.kvm-1',
  request_id: 'req-1',
  user_id: 'alice',
  revision: 7,
  payload: { display_name: 'web-1; rm -rf /' },
}

beforeEach(() => {
  state = mkdtempSync(path.join(os.tmpdir(), 'nk-'))
  directory = path.join(state, 'hooks.d')
  mkdirSync(path.join(directory, type), { recursive: true, mode: 0o700 })
  notes = []
  timeoutMs = 30_000
})
afterEach(() => rmSync(state, { recursive: true, force: true }))

const out = () => path.join(state, 'out')
function hook(name: string, script: string, folder = type): string {
  const file = path.join(directory, folder, name)
  mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 })
  writeFileSync(file, `#!/bin/sh\n${script}\n`, { mode: 0o700 })
  return file
}
function run(more: Partial<HooksOptions> = {}, notification = told) {
  const options: HooksOptions = {
    directory,
    fs,
    host: localHost({ name: 'localhost', clock }),
    uid: process.getuid?.() ?? 0,
    timeoutMs: () => timeoutMs,
    note: (facts, message) => void notes.push({ ...facts, message }),
    ...more,
  }
  return runHooks(notification, options, new AbortController().signal)
}

describe('lifecycle hooks', () => {
  it('run by name with the notification on standard input, those for all first', async () => {
    hook('20-second', `echo second >> ${out()}; cat >> ${out()}`)
    hook('10-first', `cat > /dev/null; echo first >> ${out()}`)
    hook('every', `cat > /dev/null; echo every > ${out()}`, 'all')
    expect(await run()).toBe(true)
    const [every, first, second, ...json] = readFileSync(out(), 'utf8').split('\n')
    expect([every, first, second]).toEqual(['every', 'first', 'second'])
    expect(JSON.parse(json.join(''))).toEqual(told)
  })

  it('that fail, hang or do not read are noted, and the next one runs', async () => {
    timeoutMs = 4000
    hook('1-fails', 'echo no disk >&2; exit 3')
    hook('2-hangs', 'exec tail -f /dev/null')
    hook('3-works', 'echo fine')
    await run()
    expect(notes.map(({ message }) => message)).toEqual(['hook failed', 'hook failed', 'hook ran'])
    expect(String(notes[0]?.reason)).toContain('no disk')
    expect(notes[2]?.output).toBe('fine\n')
  })

  it('do not run when somebody else could have written them', async () => {
    const writable = hook('1-writable', 'true')
    chmodSync(writable, 0o722)
    symlinkSync('/bin/true', path.join(directory, type, '2-link'))
    chmodSync(hook('3-plain', 'true'), 0o600)
    await run()
    expect(notes.map(({ reason }) => reason)).toEqual([
      expect.stringContaining('written by others'),
      expect.stringContaining('is a link'),
      expect.stringContaining('no program'),
    ])
    notes = []
    await run({
      uid: 54_321,
      fs: { ...fs, exists: fs.exists, readdir: () => ['x'], stat: () => ({ ...fs.stat(directory), uid: 1234 }) },
    })
    expect(notes[0]?.reason).toContain('belongs to user 1234')
  })

  it('are none where no directory has the name of the type', async () => {
    expect(await run({}, { ...told, event_type: '../../etc' })).toBe(false)
    expect(await run({}, { ...told, event_type: 'compute.instance.delete.end' })).toBe(false)
  })
})
