/** `nova daemon upgrade`: the plan over records that an older version left, and the restart in the middle of a boot. */
import { readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import path from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { migrations } from '../../src/state/json/migrations.ts'
import { aDaemon, aStateWithHosts, misbehave, removeState } from '../support/a-daemon.ts'
import { nova, novaJson, spawnNova } from '../support/cli.ts'
import { eventually } from '../support/eventually.ts'
import { recordedState } from '../support/recorded-state.ts'

const states: string[] = []
const keep = (state: string) => {
  states.push(state)
  return state
}
afterEach(async () => {
  for (const state of states.splice(0)) {
    await nova(['daemon', 'stop', '--force', '--wait', '20'], { state })
    removeState(state)
  }
})
const daemonOf = (state: string): { readonly pid: number } => JSON.parse(readFileSync(path.join(state, 'daemon.json'), 'utf8'))

describe('nova daemon upgrade', () => {
  it('plans what the records need, and changes nothing', async () => {
    const state = keep(await recordedState('records-form-8'))
    const before = readFileSync(path.join(state, 'journal.0.jsonl'))
    const plan = Object(await novaJson(['daemon', 'upgrade', '--plan'], { state }))
    expect(plan).toMatchObject({ plan: 'nova daemon upgrade', changed: false })
    const [checked, kept, changed, after] = plan.steps
    expect(checked).toMatchObject({ flow: 'check', step: '6 of 8 checks succeed' })
    expect(checked.commands.join('\n')).toContain('nobody works on create half')
    expect(kept.commands).toEqual(['nova state export before-upgrade.jsonl'])
    expect(changed).toMatchObject({ flow: 'records', step: 'their newest form, now' })
    expect(changed.commands.slice(0, 2)).toEqual(['table of periodic tasks: 0 records', 'extra disks: 3 records'])
    expect(changed.commands).toHaveLength(migrations.length - 8 + 1)
    expect(after.commands).toContain('nova db check')
    expect(readFileSync(path.join(state, 'journal.0.jsonl'))).toEqual(before)
  })

  it('starts the daemon again, which goes on with a boot that was under way', async () => {
    const state = keep(await aStateWithHosts('h1'))
    expect((await nova(['daemon', 'start'], { state })).code).toBe(0)
    const { pid } = daemonOf(state)
    misbehave(state, 'h1', [{ call: 'createDisks', mode: 'slow', ms: 1500 }])
    const boot = await spawnNova(['boot', 'web-1', '--flavor', 'm1.tiny'], { state })
    await eventually('the boot is under way', async () => {
      const servers = (await novaJson(['list'], { state })) as unknown[]
      return servers.length === 1
    })
    const upgraded = await novaJson(['daemon', 'upgrade'], { state })
    expect(upgraded).toMatchObject({ before: { pid }, after: { pid: daemonOf(state).pid } })
    expect(daemonOf(state).pid).not.toBe(pid)
    await boot.ended
    await eventually('the new one has finished it', async () => {
      const server = Object(await novaJson(['show', 'web-1'], { state }))
      return server.status === 'ACTIVE'
    })
  })

  it('is what a command says when the daemon has no such method', async () => {
    const state = keep(await aStateWithHosts('h1'))
    const older = createServer((socket) => {
      socket.on('data', (bytes) => {
        for (const line of bytes.toString('utf8').trim().split('\n')) {
          const { id, method } = JSON.parse(line)
          socket.write(
            `${JSON.stringify({ jsonrpc: '2.0', id, error: { code: -32601, message: `there is no method ${method}` } })}\n`,
          )
        }
      })
    })
    await new Promise<void>((resolve) => older.listen(path.join(state, 'nova.sock'), resolve))
    const refused = await nova(['quota', 'show', 'p1'], { state })
    expect(refused).toMatchObject({ code: 10, stderr: expect.stringContaining('it is of another version than this program') })
    expect(refused.stderr).toContain('nova daemon upgrade')
    older.close()
  })

  it('leaves a daemon alone that somebody else started, and says when there is none', async () => {
    const state = keep(await aStateWithHosts('h1'))
    expect(await nova(['daemon', 'upgrade'], { state })).toMatchObject({ code: 3, stderr: expect.stringContaining('--plan') })
    const daemon = await aDaemon(state)
    const refused = await nova(['daemon', 'upgrade'], { state })
    expect(refused).toMatchObject({ code: 10, stderr: expect.stringContaining('systemctl restart nova') })
    expect(daemonOf(state).pid).toBe(daemon.pid)
  })
})
