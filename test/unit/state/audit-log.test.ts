import { appendFileSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { type AuditEntry, redacted } from '../../../src/model/audit.ts'
import { auditLog } from '../../../src/state/audit-log.ts'
import { systemFs } from '../../../src/system/fs.ts'

let directory: string
beforeEach(() => {
  directory = mkdtempSync(path.join(os.tmpdir(), 'nk-'))
})
afterEach(() => rmSync(directory, { recursive: true, force: true }))

const entry = (action: string): AuditEntry => ({
  at: '2026-01-01T00:00:00.000Z',
  door: 'embedded',
  userId: 'ann',
  projectId: 'web',
  roles: ['member'],
  action,
  input: { name: 'two\nlines' },
  outcome: 'ok',
  message: null,
  requestId: 'req-1',
  durationMs: 1,
})

it('keeps one line an entry, for its owner alone, and gives the newest first', () => {
  const file = path.join(directory, 'audit.log')
  const log = auditLog(file, systemFs)
  expect(log.list({ limit: 10 }, () => true)).toEqual([])
  for (const action of ['a.b', 'c.d', 'e.f']) log.write(entry(action))
  appendFileSync(file, '{"at":"cut')
  expect(log.list({ limit: 2 }, () => true).map(({ action }) => action)).toEqual(['e.f', 'c.d'])
  expect(log.list({ limit: 9 }, ({ action }) => action === 'a.b')).toEqual([entry('a.b')])
  expect(statSync(file).mode & 0o777).toBe(0o600)
})

it('makes no directory of its own', () => {
  const log = auditLog(path.join(directory, 'missing', 'audit.log'), systemFs)
  log.write(entry('a.b'))
  expect(log.list({ limit: 1 }, () => true)).toEqual([])
})

it('masks secrets, cuts what is long, and keeps names of the prototype as names', () => {
  const input = JSON.parse('{"userData":"s3cret","__proto__":{"x":1},"name":"n"}')
  const kept = redacted({ ...input, long: 'x'.repeat(1000), many: Array(100).fill(1) }, ['userData'])
  expect(JSON.stringify(kept)).not.toContain('s3cret')
  expect(kept).toMatchObject({ userData: '***', name: 'n', long: `${'x'.repeat(256)}… (1000 characters)` })
  expect(Reflect.get(Object(kept), 'many')).toHaveLength(32)
  expect(Object.keys(Object(kept))).toContain('__proto__')
})
