/** `server.wait`: each goal against the records of a server; time passes by the clock of the test. */
import { describe, expect, it } from 'vitest'
import { wait } from '../../../../src/actions/server/wait.ts'
import type { Nic, Server } from '../../../../src/model/server.ts'
import { aContext, faultOf, given, mallory, performed, seenBy } from '../../../support/a-context.ts'
import { aServer } from '../../../support/a-server.ts'

async function withServer(change: Partial<Server> = {}) {
  const context = aContext()
  await given(context, 'servers', aServer(change))
  return context
}
const nic: Nic = { kind: 'user', mac: '52:54:00:00:00:01', address: null, sshPort: 2222 }

describe('wait', () => {
  it.each<[string, Partial<Server>]>([
    ['active', {}],
    ['stopped', { vmState: 'stopped' }],
    ['idle', { vmState: 'error' }],
    ['ip', { nics: [nic] }],
  ])('for %s ends at once when it is so', async (goal, change) => {
    expect(await performed(wait, { server: 'web-1', for: goal }, await withServer(change))).toMatchObject({ id: 's1' })
  })

  it.each<[string, Partial<Server>]>([
    ['active', { taskState: 'rebooting' }],
    ['active', { vmState: 'stopped' }],
    ['idle', { taskState: 'rebooting' }],
    ['ip', { nics: [] }],
    ['deleted', {}],
  ])('for %s ends with the time, saying what it is instead', async (goal, change) => {
    const fault = await faultOf(wait, { server: 'web-1', for: goal, timeout: 5 }, await withServer(change))
    expect(fault).toMatchObject({ kind: 'timeout', hint: 'nova server events web-1' })
    expect(fault.message).toMatch(new RegExp(`^server web-1 is [A-Z]+ .*, not ${goal}, after 5 s$`))
  })

  it('fails as soon as the server did', async () => {
    const context = await withServer({
      vmState: 'error',
      fault: { kind: 'internal', message: 'no memory', at: '2026-01-01T00:00:00.000Z' },
    })
    expect(await faultOf(wait, { server: 'web-1' }, context)).toMatchObject({
      kind: 'conflict',
      message: expect.stringContaining('no memory'),
    })
  })

  it('for deleted is content with a server that is gone already, by name or id', async () => {
    const context = await withServer({ vmState: 'deleted', deleted: true })
    for (const server of ['web-1', 's1'])
      expect(await performed(wait, { server, for: 'deleted' }, context)).toMatchObject({ id: 's1', status: 'DELETED' })
    expect(await faultOf(wait, { server: 'web-1' }, context)).toMatchObject({ kind: 'not-found' })
    expect(await faultOf(wait, { server: 's1', for: 'deleted' }, seenBy(context, mallory))).toMatchObject({ kind: 'not-found' })
  })
})
