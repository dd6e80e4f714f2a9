import { describe, expect, it } from 'vitest'
import { cpuBaseline } from '../../../../src/actions/host/cpu-baseline.ts'
import type { ComputeRequest } from '../../../../src/compute/client.ts'
import { Fault } from '../../../../src/core/fault.ts'
import { aContext, fakeCompute, faultOf, given, performed } from '../../../support/a-context.ts'
import { aHost } from '../../../support/a-host.ts'

const features = new Map([
  ['new', ['sse2', 'avx', 'avx512f']],
  ['middle', ['sse2', 'avx', 'avx512f', 'rtm']],
  ['old', ['sse2']],
])
const libvirt = (name: string) => aHost({ id: name, name, driver: 'libvirt', instancesPath: `/srv/${name}` })

/** Hosts whose description of their CPU is their name; what they have in common is the baseline. */
const fleet = () =>
  aContext({
    compute: fakeCompute(({ host, method, args }: ComputeRequest) => {
      if (host === 'dead') throw new Fault('unreachable', 'host dead does not answer')
      const cpu = { model: `Model-${host}`, vendor: 'Intel', added: [], removed: [] }
      if (method === 'hostCpu') return { ...cpu, xml: host }
      const { models } = args as { models: string[] }
      const [first = [], ...rest] = models.map((model) => features.get(model) ?? [])
      const common = first.filter((name) => rest.every((other) => other.includes(name)))
      return { ...cpu, model: 'Base', added: ['pcid'], removed: ['hle'], features: common }
    }),
  })

describe('host cpu-baseline', () => {
  it('names the CPU for all, and which host keeps which feature from it', async () => {
    const context = fleet()
    await given(context, 'hosts', ...['new', 'middle', 'old', 'dead'].map(libvirt))
    expect(await performed(cpuBaseline, {}, context)).toMatchObject({
      guestCpu: 'Base,+pcid,-hle',
      features: ['sse2'],
      hosts: [
        { host: 'new', model: 'Model-new', lacks: [], error: null },
        { host: 'middle', lacks: [] },
        { host: 'old', lacks: ['avx', 'avx512f'] },
        { host: 'dead', model: null, lacks: [], error: 'host dead does not answer' },
      ],
    })
  })

  it('has nobody to blame for one host alone', async () => {
    const context = fleet()
    await given(context, 'hosts', libvirt('old'))
    expect(await performed(cpuBaseline, { hosts: ['old'] }, context)).toMatchObject({ hosts: [{ host: 'old', lacks: [] }] })
  })

  it('fails when no host answers', async () => {
    const context = fleet()
    await given(context, 'hosts', libvirt('dead'))
    expect(await faultOf(cpuBaseline, {}, context)).toMatchObject({ kind: 'unreachable' })
    expect(await faultOf(cpuBaseline, {}, aContext())).toMatchObject({ kind: 'not-found', message: /no libvirt host/ })
  })
})
