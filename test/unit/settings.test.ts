import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { checkPolicy, readPolicy } from '../../src/read-policy.ts'
import { readSettings, settingSources } from '../../src/read-settings.ts'
import { systemFs } from '../../src/system/fs.ts'

let state: string
beforeEach(() => {
  state = mkdtempSync(path.join(os.tmpdir(), 'nk-'))
})
afterEach(() => rmSync(state, { recursive: true, force: true }))

it('lets the environment beat the file, and the file the defaults, and says which it was', () => {
  writeFileSync(path.join(state, 'settings.json'), JSON.stringify({ ramAllocationRatio: 2, cpuAllocationRatio: 3 }))
  const env = { NOVA_SET_CPU_ALLOCATION_RATIO: '4', NOVA_SET_LOG_LEVEL: 'debug', OTHER: 'x' }
  expect(readSettings(systemFs, state, env)).toMatchObject({ ramAllocationRatio: 2, cpuAllocationRatio: 4, logLevel: 'debug' })
  const from = new Map(settingSources(systemFs, state, env).map((setting) => [setting.key, setting.from]))
  expect(['cpuAllocationRatio', 'ramAllocationRatio', 'diskAllocationRatio'].map((key) => from.get(key))).toEqual([
    'environment',
    'file',
    'default',
  ])
})

it.each([
  [{ NOVA_SET_CPU_ALLOCATION_RATIO: 'many' }, 'NOVA_SET_CPU_ALLOCATION_RATIO'],
  [{ NOVA_SET_CPU_ALLOCATION_RATIO: '"4"' }, 'must be a number, not a string'],
  [{ NOVA_SET_CPU_ALLOCATION_RATIO: '-1' }, 'the least is 0'],
])('refuses %j', (env, message) => {
  expect(() => readSettings(systemFs, state, env)).toThrow(message)
})

it('reads rules by our names and by those of Nova, and refuses what is neither', () => {
  const file = path.join(state, 'policy.json')
  expect(readPolicy(systemFs, state).size).toBe(0)
  writeFileSync(file, JSON.stringify({ 'os_compute_api:servers:update': 'rule:admin_api', 'server.list': '!' }))
  expect([...readPolicy(systemFs, state)]).toEqual([
    ['server.set', 'admin'],
    ['server.rename', 'admin'],
    ['server.list', 'nobody'],
  ])
  writeFileSync(file, '{"server.lst": "admin"}')
  expect(() => checkPolicy(readPolicy(systemFs, state), ['server.list'])).toThrow('there is no action server.lst')
  writeFileSync(file, '{"server.list": "root"}')
  expect(() => readPolicy(systemFs, state)).toThrow('server.list is "root"')
})
