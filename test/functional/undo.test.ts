/** `nova undo` through the built command line: its exit codes, what a script sees, and what is noted of it. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { aFakeCloud, type FakeCloud } from '../support/a-fake-cloud.ts'

let cloud: FakeCloud
beforeAll(async () => {
  cloud = await aFakeCloud()
  await cloud.out('flavor', 'create', 'web', '--ram', '64', '--vcpus', '1')
  await cloud.out('keypair', 'create', 'mine')
  await cloud.out('token', 'create', 't')
})
afterAll(() => cloud.remove())

describe('nova undo', () => {
  it.each([
    [['undo', 'req-nobody'], 3],
    [['undo', '999'], 3],
    [['undo', '0'], 3],
    [['undo', 'a b'], 2],
    [['undo', '2', '3'], 2],
    [['undo', '2', '--nonsense'], 2],
    [['undo', '4'], 7],
  ])('%j ends with code %i and one line that says why, and changes nothing', async (line, code) => {
    const before = cloud.fingerprint()
    const result = await cloud.run(line)
    expect({ code: result.code, stdout: result.stdout }).toEqual({ code, stdout: '' })
    expect(result.stderr.split('\n').filter((each) => each.startsWith('error: '))).toHaveLength(1)
    expect(cloud.fingerprint()).toBe(before)
  })

  it('takes back, says the second time that it is done, and is noted in the audit log', async () => {
    const first = await cloud.json('undo', '2')
    expect(first).toMatchObject({ result: 'undone', action: 'flavor.create', records: [{ name: 'web', event: 'removed' }] })
    expect(await cloud.json('undo', String(first.request))).toMatchObject({ result: 'already-undone', undoneBy: first.undoneBy })
    expect(await cloud.out('undo', '2')).toContain('was undone already by')
    const [, , entry] = await cloud.rows('audit', 'list', '--action', 'request.undo')
    expect(entry).toMatchObject({ requestId: first.undoneBy, input: { change: '2' }, outcome: 'ok', userId: 'tester' })
    expect(await cloud.json('undo', String(first.revision))).toMatchObject({ records: [{ name: 'web', event: 'created' }] })
  })

  it('of a key pair leaves no private key in sight', async () => {
    const { stdout, stderr } = await cloud.run(['undo', '3', '--json', '--debug'])
    expect(JSON.parse(stdout)).toMatchObject({ records: [{ type: 'keypair', event: 'removed' }] })
    expect(stdout + stderr).not.toContain('PRIVATE')
  })
})
