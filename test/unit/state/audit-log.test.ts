import { appendFileSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type AuditEntry, redacted } from '../../../src/model/audit.ts'
import { auditLog } from '../../../src/state/json/audit-log.ts'
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

it('keeps one line an entry, for its owner alone, and gives the newest first', async () => {
  const file = path.join(directory, 'audit.log')
  const log = auditLog(file, systemFs)
  expect(log.list({ limit: 10 }, () => true)).toEqual([])
  for (const action of ['a.b', 'c.d', 'e.f']) await log.write(entry(action))
  appendFileSync(file, '{"at":"cut')
  expect(log.list({ limit: 2 }, () => true).map(({ action }) => action)).toEqual(['e.f', 'c.d'])
  expect(log.list({ limit: 9 }, ({ action }) => action === 'a.b')).toEqual([entry('a.b')])
  expect(statSync(file).mode & 0o777).toBe(0o600)
})

it('makes no directory of its own', async () => {
  const log = auditLog(path.join(directory, 'missing', 'audit.log'), systemFs)
  await log.write(entry('a.b'))
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

describe('S42 the audit log only grows, and each line continues those before it', () => {
  const fileOf = () => path.join(directory, 'audit.log')
  async function chained(): Promise<string[]> {
    const log = auditLog(fileOf(), systemFs)
    for (const action of ['a.b', 'c.d', 'e.f', 'g.h']) await log.write(entry(action))
    expect(await log.verify()).toMatchObject({ lines: 4, unlinked: 0, problems: [] })
    return readFileSync(fileOf(), 'utf8').trimEnd().split('\n')
  }
  const judged = (lines: readonly string[]) => {
    writeFileSync(fileOf(), `${lines.join('\n')}\n`)
    return auditLog(fileOf(), systemFs).verify()
  }

  it.each<readonly [what: string, forge: (lines: string[]) => string[]]>([
    ['changed', ([a = '', b = '', ...rest]) => [a, b.replace('ann', 'bob'), ...rest]],
    ['removed', ([, ...rest]) => rest],
    ['slipped in without a link', ([a = '', ...rest]) => [a, JSON.stringify(entry('x.y')), ...rest]],
    ['slipped in with the link of another', ([a = '', b = '', ...rest]) => [a, b.replace('c.d', 'x.y'), b, ...rest]],
    ['put in another order', ([a = '', b = '', c = '', ...rest]) => [a, c, b, ...rest]],
  ])('finds a line that was %s', async (_, forge) => {
    const report = await judged(forge(await chained()))
    expect(report.problems.length).toBeGreaterThan(0)
  })

  it('continues over processes, over a line that was cut, and over a log from before', async () => {
    writeFileSync(fileOf(), `${JSON.stringify(entry('old.one'))}\n`)
    const [one, other] = [auditLog(fileOf(), systemFs), auditLog(fileOf(), systemFs)]
    await Promise.all(Array.from({ length: 20 }, (_, index) => (index % 2 ? one : other).write(entry(`a.n${index}`))))
    appendFileSync(fileOf(), '{"at":"cut by a full disk')
    await auditLog(fileOf(), systemFs).write(entry('z.z'))
    expect(await one.verify()).toMatchObject({ lines: 23, unlinked: 2, problems: [] })
    expect(one.list({ limit: 1 }, () => true)).toEqual([entry('z.z')])
  })

  it('keeps a forged entry in a name what it is: a part of one line', async () => {
    const log = auditLog(fileOf(), systemFs)
    const forged = `x\n${JSON.stringify(entry('forged.entry'))}\u2028\r\n`
    await log.write({ ...entry('a.b'), input: { name: forged }, userId: forged })
    expect(readFileSync(fileOf(), 'utf8').trimEnd().split('\n')).toHaveLength(1)
    expect(log.list({ limit: 9 }, ({ action }) => action === 'forged.entry')).toEqual([])
  })
})
