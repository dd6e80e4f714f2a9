import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type TortureState, tortureState } from '../support/torture-state.ts'
import { holds } from './holds.ts'

let world: TortureState
beforeEach(async () => {
  world = await tortureState()
})
afterEach(() => world.cleanup())

describe('many processes on one state directory', () => {
  it('R12: boot, change and delete: nothing is lost, nothing doubled, readers see whole revisions', () =>
    holds('R12', { only: '50 at once' }))

  it('boot with one idempotency key: one server, the same answer for all', async () => {
    const boots = Array.from({ length: 8 }, () => world.run('boot once --flavor m1.tiny --idempotency-key k-1 --json'))
    const results = await Promise.all(boots)
    expect(results.map((result) => [result.code, result.stderr.split('\n')[0]])).toEqual(
      results.map(() => [0, expect.anything()]),
    )
    const ids = results.map((result) => (JSON.parse(result.stdout) as { id: string }).id)
    expect(new Set(ids).size).toBe(1)
    expect(await world.liveServers()).toHaveLength(1)
  })

  it('read while a writer holds the lock', async () => {
    const holder = spawn('flock', [join(world.state, 'lock'), 'sh', '-c', 'echo held && cat'])
    try {
      await once(holder.stdout, 'data')
      expect(await world.run('list --json', { timeoutMs: 20_000 })).toMatchObject({ code: 0, stdout: '[]\n' })
    } finally {
      holder.stdin.end()
    }
  })
})
