/** Deleted servers that are kept for a while: found by their status, restored, or gone for good by the periodic task. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { aFakeCloud, type FakeCloud } from '../support/a-fake-cloud.ts'

let cloud: FakeCloud
const keeping = { NOVA_SET_RECLAIM_INSTANCE_INTERVAL: '3600' }
const kept = async (...line: string[]) => {
  const { code, stdout, stderr } = await cloud.run([...line, '-q'], { env: keeping })
  return { code, said: `${stdout}${stderr}`.trim() }
}
beforeAll(async () => {
  cloud = await aFakeCloud('host-a')
  await cloud.out('boot', 'web-1', '--flavor', 'm1.tiny')
})
afterAll(() => cloud.remove())

it('says that a deleted server can be restored, and restores it', async () => {
  const { code, stdout } = await cloud.run(['delete', 'web-1'], { env: keeping })
  expect([code, stdout]).toEqual([0, 'soft deleted server web-1, which nova restore brings back\n'])
  expect(await kept('list', '-f', 'value')).toEqual({ code: 0, said: '' })
  expect((await kept('list', '--status', 'SOFT_DELETED', '-f', 'value', '-c', 'name', '-c', 'status')).said).toBe(
    'web-1 SOFT_DELETED',
  )
  expect(await kept('stop', 'web-1')).toMatchObject({ code: 7, said: expect.stringContaining('nova restore web-1') })
  expect((await kept('restore', 'web-1', '-f', 'value', '-c', 'name', '-c', 'status')).said).toBe('web-1 ACTIVE')
})

it('deletes for good by force, and by the periodic task after its time', async () => {
  await kept('delete', 'web-1')
  expect((await kept('periodic', 'run', 'reclaim_queued_deletes', '-f', 'value', '-c', 'result')).code).toBe(0)
  expect((await kept('show', 'web-1', '-f', 'value', '-c', 'status')).said).toBe('SOFT_DELETED')
  expect(await kept('force-delete', 'web-1')).toMatchObject({ code: 0 })
  expect(await kept('restore', 'web-1')).toMatchObject({ code: 3 })
  expect(await cloud.out('doctor', '-f', 'value', '-c', 'code')).toBe('')
})
