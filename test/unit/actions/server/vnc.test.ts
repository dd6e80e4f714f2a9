import { describe, expect, it } from 'vitest'
import { vnc } from '../../../../src/actions/server/vnc.ts'
import { Fault } from '../../../../src/core/fault.ts'
import { aContext, fakeCompute, faultOf, given, performed } from '../../../support/a-context.ts'
import { aHost } from '../../../support/a-host.ts'
import { aServer } from '../../../support/a-server.ts'

const screen = { address: '127.0.0.1', port: 5901 }

describe('server.vnc', () => {
  it('shows the line that brings the screen here, by the login of the host', async () => {
    const context = aContext({ compute: fakeCompute(() => screen) })
    const host = aHost({ name: 'h1', address: 'ada@10.0.0.5:2222', identityFile: '/keys/my key', jump: 'gate' })
    await given(context, 'hosts', host)
    await given(context, 'servers', aServer())
    expect(await performed(vnc, { server: 'web-1' }, context)).toEqual({
      server: 'web-1',
      host: 'h1',
      ...screen,
      tunnel: "ssh -N -L 5901:127.0.0.1:5901 -i '/keys/my key' -J gate -p 2222 ada@10.0.0.5",
      viewer: '127.0.0.1:5901',
    })
  })

  it('needs no tunnel on this machine', async () => {
    const context = aContext({ compute: fakeCompute(() => screen) })
    await given(context, 'hosts', aHost({ name: 'h1', address: 'local' }))
    await given(context, 'servers', aServer())
    expect(await performed(vnc, { server: 'web-1' }, context)).toMatchObject({ tunnel: null, viewer: '127.0.0.1:5901' })
  })

  it('names the serial console for a guest without a screen', async () => {
    const compute = fakeCompute(() => {
      throw new Fault('unsupported', 'guest s1 has no screen')
    })
    const context = aContext({ compute })
    await given(context, 'servers', aServer())
    const fault = await faultOf(vnc, { server: 'web-1' }, context)
    expect(fault).toMatchObject({ kind: 'unsupported', hint: expect.stringContaining('nova console attach web-1') })
  })
})
