import { describe, expect, it } from 'vitest'
import { refresh } from '../../../../src/actions/host/refresh.ts'
import { Fault } from '../../../../src/core/fault.ts'
import { aContext, fakeCompute, faultOf, given, performed, recordsOf } from '../../../support/a-context.ts'
import { aHost, anInventory } from '../../../support/a-host.ts'

const compute = fakeCompute(({ host }) => {
  if (host === 'dead') throw new Fault('unreachable', 'host dead does not answer')
  return anInventory({ hostname: host, vcpus: 64 })
})

describe('host refresh', () => {
  it('reads every host again, and one that is down stops no other', async () => {
    const context = aContext({ compute })
    await given(context, 'hosts', aHost({ name: 'dead' }), aHost({ name: 'h2' }), aHost({ name: 'h3', enabled: false }))
    expect(await performed(refresh, {}, context)).toEqual([
      { name: 'dead', state: 'down', vcpus: null, memoryMb: null, diskGb: null, error: 'host dead does not answer' },
      { name: 'h2', state: 'up', vcpus: 64, memoryMb: 16384, diskGb: 100, error: null },
      { name: 'h3', state: 'up', vcpus: 64, memoryMb: 16384, diskGb: 100, error: null },
    ])
    const hosts = await recordsOf(context.store, 'hosts')
    expect(hosts.map((host) => [host.inventory?.vcpus, host.enabled])).toEqual([
      [8, true],
      [64, true],
      [64, false],
    ])
  })

  it('keeps what was changed while the host was asked', async () => {
    const context = aContext()
    await given(context, 'hosts', aHost())
    const slow = fakeCompute(async () => {
      await context.store.transaction({ actor: 'bob', request: 'r', action: 'host.set' }, async (tx) => {
        const [host] = await tx.list('hosts')
        if (host) await tx.update('hosts', { ...host, enabled: false, disabledReason: 'bob said so' })
      })
      return anInventory()
    })
    await performed(refresh, { hosts: ['h1'] }, { ...context, compute: slow })
    expect(await recordsOf(context.store, 'hosts')).toMatchObject([{ enabled: false, disabledReason: 'bob said so' }])
  })

  it('names a host that is not there', async () => {
    expect(await faultOf(refresh, { hosts: ['nosuch'] }, aContext({ compute }))).toMatchObject({ kind: 'not-found' })
  })
})
