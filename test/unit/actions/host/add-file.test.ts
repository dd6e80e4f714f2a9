import { describe, expect, it } from 'vitest'
import { add } from '../../../../src/actions/host/add.ts'
import type { ComputeRequest } from '../../../../src/compute/client.ts'
import { Fault } from '../../../../src/core/fault.ts'
import { aContext, fakeCompute, faultOf, performed, recordsOf } from '../../../support/a-context.ts'
import { anInventory } from '../../../support/a-host.ts'

const three = [{ name: 'h1' }, { name: 'h2', driver: 'libvirt', address: 'root@10.0.0.2' }, { name: 'h3', disabled: true }]
const answering = () => aContext({ compute: fakeCompute(() => anInventory()) })
const preflight = (status: string) => [{ check: 'virsh', status, value: 'not installed', advice: 'apt-get install x' }]

describe('hosts of a file', () => {
  it('are added together, and are unchanged the next time', async () => {
    const context = answering()
    const results = async () => (await performed(add, { hosts: three }, context)) as { name: string; result: string }[]
    expect((await results()).map(({ name, result }) => [name, result])).toEqual(three.map(({ name }) => [name, 'added']))
    const first = await recordsOf(context.store, 'hosts')
    expect(first.map(({ name, enabled }) => [name, enabled])).toEqual([
      ['h1', true],
      ['h2', true],
      ['h3', false],
    ])
    expect((await results()).map(({ result }) => result)).toEqual(['unchanged', 'unchanged', 'unchanged'])
    expect(await recordsOf(context.store, 'hosts')).toEqual(first)
  })

  it('are all left out when one does not answer', async () => {
    const compute = fakeCompute(({ host }: ComputeRequest) => (host === 'h2' ? undefined : anInventory()))
    const context = aContext({ compute })
    expect(await faultOf(add, { hosts: three }, context)).toMatchObject({ kind: 'unreachable', message: /h2/ })
    expect(await recordsOf(context.store, 'hosts')).toEqual([])
  })

  it.each([
    ['twice the same', [{ name: 'h1' }, { name: 'h1' }], 'invalid', /described twice/],
    ['an address that is none', [{ name: 'h1' }, { name: 'h2', address: 'a@b@c' }], 'invalid', /address/],
    ['one place for two', [1, 2].map((n) => ({ name: `h${n}`, instancesPath: '/srv' })), 'conflict', /keeps its servers there/],
  ])('are checked before anything is kept: %s', async (_, hosts, kind, message) => {
    const context = answering()
    expect(await faultOf(add, { hosts }, context)).toMatchObject({ kind, message })
    expect(await recordsOf(context.store, 'hosts')).toEqual([])
  })

  it('that are described otherwise than they are stay as they are', async () => {
    const context = answering()
    await performed(add, { name: 'h1' }, context)
    const hosts = [{ name: 'h0' }, { name: 'h1', virtType: 'qemu' }]
    expect(await faultOf(add, { hosts }, context)).toMatchObject({ kind: 'conflict', message: /virtType auto instead of qemu/ })
    expect((await recordsOf(context.store, 'hosts')).map(({ name }) => name)).toEqual(['h1'])
  })
})

describe('a host that is checked first', () => {
  const checking = (status: string) =>
    aContext({ compute: fakeCompute(({ method }) => (method === 'preflight' ? preflight(status) : anInventory())) })

  it('is not added when a check fails', async () => {
    const context = checking('failed')
    const fault = await faultOf(add, { name: 'h1', check: 'failed' }, context)
    expect(fault).toMatchObject({ kind: 'conflict', message: /fails virsh/, hint: 'apt-get install x' })
    expect(fault.details).toEqual({ findings: preflight('failed') })
    expect(await recordsOf(context.store, 'hosts')).toEqual([])
  })

  it('is added when none fails, unless it is only looked at', async () => {
    const context = checking('warning')
    expect(await faultOf(add, { name: 'h1', check: 'always' }, context)).toBeInstanceOf(Fault)
    expect(await recordsOf(context.store, 'hosts')).toEqual([])
    expect(await performed(add, { name: 'h1', check: 'failed' }, context)).toMatchObject({ name: 'h1', status: 'enabled' })
  })
})
