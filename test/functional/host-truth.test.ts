/** What hosts hold, through the built command line, on fake hosts: doctor, sync of power states, image cache. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { aFakeCloud, type FakeCloud } from '../support/a-fake-cloud.ts'
import { aQcow2 } from '../support/disk-images.ts'

let cloud: FakeCloud
beforeAll(async () => {
  cloud = await aFakeCloud('h1', 'h2')
  await cloud.out('image', 'create', 'cirros', '--file', cloud.file('cirros.qcow2', aQcow2()))
  await cloud.out('boot', 'web-1', '--image', 'cirros', '--flavor', 'm1.small', '--availability-zone', ':h1')
}, 60_000)
afterAll(() => cloud.remove())

it('a report for CI passes with code 0, and fails with code 11 when a host does not answer', async () => {
  const whole = await cloud.run(['doctor', '-f', 'junit'])
  expect(whole).toMatchObject({ code: 0, stdout: expect.stringContaining('failures="0"') })
  expect(whole.stdout).toContain('<testcase classname="nova.doctor.NVD013" name="a host holds a directory')
  cloud.misbehave('h2', { call: 'list', mode: 'fail', kind: 'unreachable', message: 'no <route>' })
  const silent = await cloud.run(['doctor', '-f', 'junit'])
  expect(silent.code).toBe(11)
  expect(silent.stdout).toContain('<failure type="error" message="no &lt;route&gt;"/>')
  expect((await cloud.run(['host', 'sync-power-states', '--json'])).code).toBe(11)
  cloud.misbehave('h2')
  expect(await cloud.rows('host', 'sync-power-states')).toEqual([])
  expect((await cloud.run(['list', '-f', 'junit'])).stderr).toContain('it has no format junit')
})

it('a cache holds what was prefetched, and a clean-up takes what no server is based on', async () => {
  expect(await cloud.rows('cache', 'list')).toMatchObject([{ host: 'h1', image: 'cirros', users: ['web-1'] }])
  expect(await cloud.rows('image', 'prefetch', 'cirros')).toMatchObject([{ host: 'h1' }, { host: 'h2', result: 'cached' }])
  expect(await cloud.rows('cache', 'gc')).toEqual([])
  expect(await cloud.out('cache', 'gc', '--unused-for', '0', '--plan')).toMatch(/cache gc: 1 image with \d+ bytes on h2/)
  expect(await cloud.rows('cache', 'gc', '--unused-for', '0')).toMatchObject([{ host: 'h2', image: 'cirros' }])
  expect(await cloud.rows('cache', 'list')).toMatchObject([{ host: 'h1' }])
})
