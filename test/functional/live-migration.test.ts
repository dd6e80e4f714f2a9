/** Live migrations through the built command line, on two fake hosts: moved, aborted, hastened, killed, planned, refused. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { aFakeCloud, type FakeCloud } from '../support/a-fake-cloud.ts'
import type { RunningCli } from '../support/cli.ts'
import { aQcow2 } from '../support/disk-images.ts'
import { eventually } from '../support/eventually.ts'

let cloud: FakeCloud
beforeAll(async () => {
  cloud = await aFakeCloud('h1', 'h2')
  await cloud.out('image', 'create', 'cirros', '--file', cloud.file('cirros.qcow2', aQcow2()))
  await cloud.out('boot', 'web-1', '--image', 'cirros', '--flavor', 'm1.small', '--availability-zone', ':h1')
}, 120_000)
afterAll(() => cloud.remove())

const server = () => cloud.json('show', 'web-1')
const newest = async () => (await cloud.rows('migration', 'list', '--server', 'web-1'))[0]

const isUnderWay = async () => {
  const migration = await newest()
  return migration?.status === 'running' && migration.progress !== null
}

/** A migration that does not end by itself, as of a guest that is too busy; it is in its middle now. */
async function endless(): Promise<RunningCli> {
  const { host } = await server()
  cloud.misbehave(String(host), { call: 'moveLive', mode: 'hang' })
  const running = await cloud.start(['live-migration', 'web-1'])
  await eventually('the migration to be under way', isUnderWay)
  return running
}

const wellAgain = () => {
  for (const host of ['h1', 'h2']) cloud.misbehave(host)
}

describe('a live migration', () => {
  it('in a plan shows its steps and touches nothing', async () => {
    const before = cloud.fingerprint()
    const plan = await cloud.out('live-migration', 'web-1', '--plan')
    for (const step of ['check', 'prepare', 'move', 'leave']) expect(plan).toContain(`live-migrate web-1: ${step}`)
    expect(cloud.fingerprint()).toBe(before)
  })

  it('moves the server to the host that is named, and says how far it is', async () => {
    const { code, stdout, stderr } = await cloud.run(['live-migration', 'web-1', 'h2', '--max-downtime', '200'])
    expect(code).toBe(0)
    expect(stdout).toContain('h2')
    expect(stderr).toMatch(/^memory of web-1: .* \(100 %\)$/m)
    expect(await server()).toMatchObject({ host: 'h2', status: 'ACTIVE' })
    expect(await newest()).toMatchObject({ type: 'live', status: 'completed', percent: 100, options: { maxDowntimeMs: 200 } })
  })

  it('is aborted by another process, and shown as MIGRATING until then', async () => {
    const moving = await endless()
    expect(await server()).toMatchObject({ host: 'h2', status: 'MIGRATING' })
    const { id } = (await newest()) ?? {}
    expect(await cloud.out('live-migration-abort', 'web-1', String(id))).toContain('was told: abort')
    expect(await moving.ended).toMatchObject({ code: 7, stderr: expect.stringContaining('aborted') })
    expect(await server()).toMatchObject({ host: 'h2', status: 'ACTIVE', fault: null })
    expect(await newest()).toMatchObject({ status: 'cancelled', reason: 'aborted' })
    expect((await cloud.run(['migration', 'abort', 'web-1'])).code).toBe(3)
    wellAgain()
  })

  it('ends when another process tells it to', async () => {
    const moving = await endless()
    await cloud.out('live-migration-force-complete', 'web-1')
    expect((await moving.ended).code).toBe(0)
    expect(await server()).toMatchObject({ host: 'h1', status: 'ACTIVE' })
    wellAgain()
  })

  it('whose process is killed is finished by the next command, with one copy', async () => {
    const moving = await endless()
    moving.kill()
    await moving.ended
    wellAgain()
    await cloud.out('rename', 'web-1', 'web-1')
    expect(await server()).toMatchObject({ host: 'h2', status: 'ACTIVE', taskState: null })
    expect(await newest()).toMatchObject({ status: 'completed' })
    expect((await cloud.run(['doctor'])).code).toBe(0)
  })

  it('goes on without anybody who waits', async () => {
    await cloud.out('live-migration', 'web-1', '--no-wait')
    await eventually('the server on h1', async () => (await server()).host === 'h1')
    await cloud.out('wait', 'web-1', '--for', 'idle')
  })
})

describe('a bad line', () => {
  it.each([
    [['live-migration'], 2, 'SERVER'],
    [['live-migration', 'nobody'], 3, 'nobody'],
    [['live-migration', 'web-1', 'h9'], 3, 'no host named h9'],
    [['live-migration', 'web-1', 'h1'], 6, 'the host that it is on'],
    [['live-migration', 'web-1', '--block-migrate', '--shared'], 2, 'exclude each other'],
    [['live-migration', 'web-1', '--max-downtime', 'soon'], 2, '--max-downtime'],
    [['live-migration', 'web-1', '--bandwidth', '0'], 2, '--bandwidth'],
    [['live-migration', 'web-1', '--transport', 'pigeon'], 2, 'tunnel'],
    [['live-migration-abort', 'web-1'], 3, 'no migration that is under way'],
    [['host', 'evacuate-plan', 'h9'], 3, 'h9'],
  ])('%j ends with %i', async (line, code, text) => {
    const result = await cloud.run(line as string[])
    expect(result.stderr).toContain(text)
    expect(result.code).toBe(code)
    expect(result.stdout).toBe('')
  })
})

it('a drain moves what runs live, and a plan of an evacuation says where it would go', async () => {
  expect(await cloud.rows('host', 'evacuate-plan', 'h1')).toMatchObject([{ server: 'web-1', to: 'h2', reason: null }])
  expect(await cloud.rows('host', 'drain', 'h1')).toMatchObject([{ server: 'web-1', result: 'moved', how: 'live', to: 'h2' }])
  expect(await cloud.rows('host', 'evacuate-plan', 'h1')).toEqual([])
})
