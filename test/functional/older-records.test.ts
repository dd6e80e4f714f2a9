/** Records that an older version left, killed in the middle of a boot: today's program serves them and goes on. */
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { migrations } from '../../src/state/json/migrations.ts'
import { removeState } from '../support/a-daemon.ts'
import { nova, novaJson } from '../support/cli.ts'
import { recordedState } from '../support/recorded-state.ts'

let state: string
beforeAll(async () => {
  state = await recordedState('records-form-8')
})
afterAll(() => removeState(state))
const json = (...args: string[]) => novaJson(args, { state })
const journal = () => readFileSync(path.join(state, 'journal.0.jsonl'))

describe('records of form 8', () => {
  it('are told as they are, and nothing is written', async () => {
    const before = journal()
    expect(await json('db', 'version')).toMatchObject({ schema: 8, known: migrations.length })
    expect(await json('db', 'check')).toMatchObject({ revision: 31, problems: [] })
    expect(journal()).toEqual(before)
  })

  it('have their past, in the words of today', async () => {
    expect(await json('list', '--at', '20')).toMatchObject([{ name: 'gone' }, { name: 'web-1', status: 'ACTIVE' }])
    const past = (await json('history', 'show', 'server', 'web-1')) as { revision: number }[]
    expect(past.length).toBeGreaterThan(5)
    expect(await json('show', 'web-1', '--at', '14')).toMatchObject({ status: 'ACTIVE' })
  })

  it('go on: what was under way is finished, servers are changed, the deleted one is archived and restored', async () => {
    expect(await nova(['operation', 'resume'], { state })).toMatchObject({ code: 0 })
    expect(await json('show', 'half')).toMatchObject({ status: 'ACTIVE', host: 'host-1' })
    expect(await nova(['start', 'web-1'], { state })).toMatchObject({ code: 0 })
    expect(await json('db', 'archive')).toMatchObject({ servers: 1 })
    const [{ id }] = (await json('db', 'archived')) as [{ id: string }]
    expect(await json('db', 'restore', '--server', id)).toMatchObject({ name: 'gone' })
    expect(await json('list')).toMatchObject([
      { name: 'half', status: 'ACTIVE' },
      { name: 'web-1', status: 'ACTIVE' },
    ])
  })

  it('are of the newest form after a sync, whole and with the same past', async () => {
    expect(await json('db', 'sync')).toMatchObject({ schema: migrations.length, pending: [] })
    expect(await json('db', 'check')).toMatchObject({ problems: [] })
    expect(await json('doctor', 'journal')).toMatchObject({ problems: [] })
    expect(await json('show', 'web-1', '--at', '14')).toMatchObject({ status: 'ACTIVE' })
  })
})
