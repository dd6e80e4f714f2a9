/** Interfaces that a server gets and gives back. */
import { describe, expect, it } from 'vitest'
import { attach } from '../../../../src/actions/server/attach-interface.ts'
import { detach } from '../../../../src/actions/server/detach-interface.ts'
import { interfaces } from '../../../../src/actions/server/interfaces.ts'
import type { InterfaceView } from '../../../../src/model/interface-view.ts'
import { faultOf, performed, seededRandom } from '../../../support/a-context.ts'
import { aServerToMove } from '../../../support/moved-server.ts'

const one = { server: 'web-1' }

async function aServer() {
  let drawn = 0
  // Chance that never gives two interfaces one address.
  const draw = () => {
    drawn += 1
    return drawn % 256
  }
  const random = { ...seededRandom(), bytes: (length: number) => Uint8Array.from({ length }, draw) }
  const world = await aServerToMove(['host-a'], { random })
  const macs = async () => ((await performed(interfaces, one, world.context)) as InterfaceView[]).map(({ mac }) => mac)
  const added = async (nic = 'user') => ((await performed(attach, { ...one, nic }, world.context)) as InterfaceView).mac
  return { ...world, macs, added }
}

describe('an interface', () => {
  it('comes and goes, and the server is as it was', async () => {
    const { context, macs, added, server, findings } = await aServer()
    const before = await macs()
    const mac = await added('bridge=br0')
    expect(await macs()).toEqual([...before, mac])
    expect(await server()).toMatchObject({ vmState: 'active', taskState: null })
    await performed(detach, { ...one, mac: mac.toUpperCase() }, context)
    expect(await macs()).toEqual(before)
    expect(await findings()).toEqual([])
  })

  it('that the host refuses is not in the record', async () => {
    const { context, macs, cloud, server } = await aServer()
    const before = await macs()
    await cloud.misbehave('host-a', [{ call: 'attachNic', mode: 'fail', kind: 'unsupported', message: 'no free port' }])
    expect(await faultOf(attach, one, context)).toMatchObject({ kind: 'unsupported', message: 'no free port' })
    expect(await macs()).toEqual(before)
    expect(await server()).toMatchObject({ taskState: null, fault: { message: 'no free port' } })
  })

  it('that the guest does not let go of stays in the record', async () => {
    const { context, macs, added, cloud } = await aServer()
    const mac = await added()
    await cloud.misbehave('host-a', [{ call: 'detachNic', mode: 'fail', kind: 'timeout', message: 'it holds on' }])
    expect(await faultOf(detach, { ...one, mac }, context)).toMatchObject({ kind: 'timeout' })
    expect(await macs()).toContain(mac)
  })

  it('that came although its host said otherwise, and stays, is in the record', async () => {
    const { context, macs, cloud } = await aServer()
    const before = await macs()
    await cloud.misbehave('host-a', [
      { call: 'attachNic', mode: 'fail-after' },
      { call: 'detachNic', mode: 'fail', kind: 'timeout' },
    ])
    await faultOf(attach, one, context)
    expect(await macs()).toHaveLength(before.length + 1)
  })

  it('that is not there is named with those that are', async () => {
    const { context, macs } = await aServer()
    const [mac] = await macs()
    expect(await faultOf(detach, { ...one, mac: 'fa:16:3e:ff:ff:ff' }, context)).toMatchObject({
      kind: 'not-found',
      message: `server web-1 has no interface fa:16:3e:ff:ff:ff: it has ${mac}`,
    })
    expect(await faultOf(attach, { ...one, nic: 'none' }, context)).toMatchObject({ kind: 'invalid' })
  })
})
