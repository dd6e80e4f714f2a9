/** Maintenance of hosts through the built command line, on fake hosts: drain, evacuate, rebalance. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { aFakeCloud, type FakeCloud } from '../support/a-fake-cloud.ts'
import { aQcow2 } from '../support/disk-images.ts'

let cloud: FakeCloud
beforeAll(async () => {
  cloud = await aFakeCloud('h1', 'h2')
  await cloud.out('image', 'create', 'cirros', '--file', cloud.file('cirros.qcow2', aQcow2()))
  for (const name of ['web-1', 'web-2', 'web-3'])
    await cloud.out('boot', name, '--image', 'cirros', '--flavor', 'm1.small', '--availability-zone', ':h1')
}, 60_000)
afterAll(() => cloud.remove())

const evidence = ['--i-checked-it-is-off', 'alice: PDU port 4 is off']

describe('maintenance', () => {
  it('a plan of a drain shows where servers go, and changes nothing', async () => {
    const before = cloud.fingerprint()
    const plan = await cloud.out('host', 'drain', 'h1', '--plan')
    expect(plan).toMatch(/^plan of nova host drain: \d+ steps, nothing was changed$/m)
    expect(plan).toMatch(/^\d+\. drain h1: web-1 to h2 \(live\)$/m)
    expect(plan).toMatch(/^\d+\. live-migrate web-1: move$/m)
    expect(cloud.fingerprint()).toBe(before)
  })

  it('a drain names what it leaves and ends with 11, and with 0 once nothing is left', async () => {
    await cloud.out('lock', 'web-2', '--reason', 'audit')
    const first = await cloud.run(['host', 'drain', 'h1', '--reason', 'new memory', '--json'])
    expect(first.code).toBe(11)
    expect(JSON.parse(first.stdout)).toMatchObject([
      { server: 'web-1', result: 'moved', from: 'h1', to: 'h2' },
      { server: 'web-2', result: 'left', reason: expect.stringContaining('audit') },
      { server: 'web-3', result: 'moved', to: 'h2' },
    ])
    await cloud.out('unlock', 'web-2')
    expect(await cloud.rows('host', 'drain', 'h1')).toMatchObject([{ server: 'web-2', result: 'moved' }])
    expect(await cloud.json('host', 'show', 'h1')).toMatchObject({ servers: 0, disabledReason: 'draining: new memory' })
    expect(await cloud.json('host', 'undrain', 'h1')).toMatchObject({ status: 'enabled' })
  })

  it('a host that answers is not evacuated; a dead one is, and its copy goes when it returns', async () => {
    expect(await cloud.run(['evacuate', 'web-1', ...evidence])).toMatchObject({
      code: 7,
      stderr: expect.stringContaining('host h2 answers'),
    })
    expect((await cloud.run(['evacuate', 'web-1'])).code).toBe(2)
    cloud.misbehave('h2', { call: '*', mode: 'fail', kind: 'unreachable', message: 'no route to h2' })
    expect(await cloud.json('evacuate', 'web-1', ...evidence)).toMatchObject({ host: 'h1', status: 'ACTIVE' })
    expect(await cloud.rows('host', 'evacuate', 'h2', ...evidence)).toMatchObject([
      { server: 'web-2', result: 'moved', to: 'h1' },
      { server: 'web-3', result: 'moved', to: 'h1' },
    ])
    expect(JSON.stringify(await cloud.rows('server', 'events', 'web-1'))).toContain('alice: PDU port 4 is off')
    cloud.misbehave('h2')
    const found = await cloud.run(['doctor', '--fix', '--json'])
    expect(JSON.parse(found.stdout).map(({ code, fixed }: { code: string; fixed: boolean }) => [code, fixed])).toEqual(
      Array(3).fill(['NVD005', true]),
    )
    expect((await cloud.run(['doctor'])).code).toBe(0)
    await cloud.out('host', 'set', 'h2', '--enable')
  })

  it('a rebalance asks for --yes, and moves servers live until the hosts are even enough', async () => {
    for (const host of ['h1', 'h2']) await cloud.out('host', 'set', host, '--reserved-memory-mb', '245760')
    expect((await cloud.run(['rebalance'])).stderr).toContain('--yes')
    expect(await cloud.out('rebalance', '--plan')).toContain('rebalance: web-1 to h2')
    const moved = { server: 'web-1', how: 'live', result: 'moved', from: 'h1', to: 'h2' }
    expect(await cloud.rows('rebalance', '--yes')).toMatchObject([moved])
    expect(await cloud.json('show', 'web-1')).toMatchObject({ host: 'h2', status: 'ACTIVE' })
    expect(await cloud.rows('rebalance', '--yes', '--cold')).toEqual([])
  })
})
