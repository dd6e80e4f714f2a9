/** The life of a server through the built command line, on fake hosts: every verb, its state and its record. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { aFakeCloud, type FakeCloud } from '../support/a-fake-cloud.ts'
import { aQcow2 } from '../support/disk-images.ts'

let cloud: FakeCloud
beforeAll(async () => {
  cloud = await aFakeCloud('h1', 'h2')
  await cloud.out('image', 'create', 'cirros', '--file', cloud.file('cirros.qcow2', aQcow2()))
  await cloud.out('image', 'create', 'other', '--file', cloud.file('other.qcow2', aQcow2({ version: 2 })))
  await cloud.out('boot', 'web-1', '--image', 'cirros', '--flavor', 'm1.small')
})
afterAll(() => cloud.remove())

const shown = () => cloud.json('show', 'web-1')

describe('every verb', () => {
  it.each([
    [['stop', 'web-1'], { status: 'SHUTOFF', powerState: 'shutdown' }],
    [['start', 'web-1'], { status: 'ACTIVE', powerState: 'running' }],
    [['reboot', 'web-1'], { status: 'ACTIVE', powerState: 'running' }],
    [['reboot', 'web-1', '--hard'], { status: 'ACTIVE', powerState: 'running' }],
    [['pause', 'web-1'], { status: 'PAUSED', powerState: 'paused' }],
    [['unpause', 'web-1'], { status: 'ACTIVE', powerState: 'running' }],
    [['suspend', 'web-1'], { status: 'SUSPENDED', powerState: 'suspended' }],
    [['resume', 'web-1'], { status: 'ACTIVE', powerState: 'running' }],
    [['rescue', 'web-1'], { status: 'RESCUE', powerState: 'running' }],
    [['unrescue', 'web-1'], { status: 'ACTIVE', powerState: 'running' }],
    [['rescue', 'web-1', '--image', 'other'], { status: 'RESCUE', image: 'cirros' }],
    [['unrescue', 'web-1'], { status: 'ACTIVE', image: 'cirros' }],
    [['rebuild', 'web-1', 'other'], { status: 'ACTIVE', image: 'other' }],
    [['stop', 'web-1', '--hard'], { status: 'SHUTOFF' }],
    [['rebuild', 'web-1', 'cirros'], { status: 'SHUTOFF', image: 'cirros' }],
    [['start', 'web-1'], { status: 'ACTIVE' }],
    [['lock', 'web-1', '--reason', 'audit'], { lockedBy: 'owner', lockedReason: 'audit' }],
    [['unlock', 'web-1'], { lockedBy: null, lockedReason: null }],
    [['server', 'set', 'web-1', 'role=front', '__proto__=x'], { metadata: JSON.parse('{"role":"front","__proto__":"x"}') }],
    [['server', 'unset', 'web-1', '__proto__'], { metadata: { role: 'front' } }],
    [['reset-state', 'web-1'], { status: 'ERROR', taskState: null }],
    [['reset-state', 'web-1', '--active'], { status: 'ACTIVE', taskState: null }],
    [['wait', 'web-1', '--for', 'login', '--timeout', '10'], { status: 'ACTIVE' }],
  ])('nova %j', async (line, after) => {
    await cloud.out(...line)
    expect(await shown()).toMatchObject({ ...after, host: expect.stringMatching(/^h[12]$/), userId: 'tester' })
  })

  it('nova rename gives another name, and back', async () => {
    await cloud.out('rename', 'web-1', 'web blue')
    expect(await cloud.out('list', '-f', 'name')).toBe('web blue')
    await cloud.out('rename', 'web blue', 'web-1')
    expect(await cloud.out('list', '-f', 'name')).toBe('web-1')
  })

  it('nova console log shows what the guest wrote', async () => {
    expect(await cloud.out('console', 'log', 'web-1')).toContain('web-1 login:')
  })

  it('nova diagnostics asks the hypervisor', async () => {
    expect(await cloud.json('diagnostics', 'web-1')).toMatchObject({ powerState: 'running', hypervisor: 'fake' })
  })

  it('nova server set-password says that this hypervisor cannot', async () => {
    const { code, stderr } = await cloud.run(['server', 'set-password', 'web-1', '--password-file', '-'], { stdin: 'geheim' })
    expect({ code, stderr }).toMatchObject({ code: 10, stderr: expect.not.stringContaining('geheim') })
  })
})

describe('the record of what was done', () => {
  it('names each action, who, when, how long, and every step', async () => {
    const events = await cloud.rows('server', 'events', 'web-1')
    const actions = events.map(({ action }) => action)
    expect(actions.at(-1)).toBe('create')
    expect(actions).toEqual(
      expect.arrayContaining(['stop', 'reboot', 'pause', 'rebuild', 'rescue', 'lock', 'rename', 'reset-state']),
    )
    expect(events.at(-1)).toMatchObject({ actor: 'tester', status: 'done', error: null, durationMs: expect.any(Number) })
    expect(events.at(-1)?.steps).toHaveLength(7)
  })

  it('is told change by change in the history', async () => {
    const history = await cloud.rows('history', 'server', 'web-1')
    expect(history.length).toBeGreaterThan(40)
    expect(history.every(({ actor }) => actor === 'tester')).toBe(true)
  })

  it('shows the past by revision and by time', async () => {
    const [first] = (await cloud.rows('history', 'server', 'web-1')).sort((a, b) => Number(a.revision) - Number(b.revision))
    expect(await cloud.json('show', 'web-1', '--at', String(first?.revision))).toMatchObject({ status: 'BUILD' })
    const events = await cloud.rows('server', 'events', 'web-1')
    const paused = events.find(({ action }) => action === 'unpause')
    expect(await cloud.json('show', 'web-1', '--at', String(paused?.startedAt))).toMatchObject({ status: 'PAUSED' })
  })

  it('explains the placement', async () => {
    expect(await cloud.out('explain', 'web-1')).toMatch(/placed on h[12][\s\S]*h[12] +chosen +weight/)
  })
})

describe('deleting', () => {
  it('refuses nothing, and leaves neither guest nor usage', async () => {
    await cloud.out('stop', 'web-1')
    expect(await cloud.out('delete', 'web-1')).toBe('deleted server web-1')
    expect(await cloud.rows('list')).toEqual([])
    expect(await cloud.rows('list', '--deleted')).toMatchObject([{ name: 'web-1', status: 'DELETED' }])
    expect(await cloud.rows('host', 'list')).toMatchObject([{ servers: 0 }, { servers: 0 }])
  })
})
