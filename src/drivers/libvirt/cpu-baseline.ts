/** What guests can have of a host's CPU, and what they can have on each of several hosts. */
import { Fault } from '../../core/fault.ts'
import { accelerationFor } from '../accelerator.ts'
import type { CpuBaseline, CpuModel, HostCpu } from '../cpu.ts'
import type { DriverContext } from '../driver-context.ts'
import { childrenOf, find, parseXml } from './parse-xml.ts'
import { virsh, virshReading } from './virsh.ts'
import { element, type XmlElement, xmlText } from './xml.ts'

const mostFeatures = 2000

/** The CPU that `host-model` would give a guest, as libvirt says for the way that guests run here. */
export async function hostCpu(context: DriverContext): Promise<HostCpu> {
  const { parts } = await virsh(context, [['domcapabilities', '--virttype', await virtTypeOf(context)]], { effect: 'read' })
  const modes = childrenOf(find(parseXml(parts[0] ?? ''), 'cpu'), 'mode')
  const own = modes.find(({ attributes }) => attributes.get('name') === 'host-model')
  if (!own || !find(own, 'model'))
    throw new Fault('unsupported', `host ${context.host.name}: libvirt knows no CPU model for its processor`)
  const cpu = modelOf(own)
  return { ...cpu, xml: xmlText(cpuElement(cpu)) }
}

/** The best CPU that every one of these can be, with all its features named. */
export async function cpuBaseline(context: DriverContext, cpus: readonly string[]): Promise<CpuBaseline> {
  const text = cpus.map((cpu) => xmlText(cpuElement(modelOf(parseXml(cpu))))).join('')
  const words = ['hypervisor-cpu-baseline', '--virttype', await virtTypeOf(context), '--file', '/dev/stdin']
  const [plain, expanded] = [
    modelOf(parseXml(await virshReading(context, words, text))),
    modelOf(parseXml(await virshReading(context, [...words, '--features'], text))),
  ]
  return { ...plain, features: expanded.added }
}

const virtTypeOf = async (context: DriverContext) =>
  context.virtType === 'qemu' || (await accelerationFor(context, context.virtType)).accelerator === 'tcg' ? 'qemu' : 'kvm'

/** A model with features that are required or disabled. */
export function modelOf(cpu: XmlElement): CpuModel {
  const model = find(cpu, 'model')?.text ?? ''
  if (!isName(model)) throw new Fault('internal', `libvirt names no CPU model: ${JSON.stringify(model.slice(0, 64))}`)
  const vendor = find(cpu, 'vendor')?.text
  const features = childrenOf(cpu, 'feature').slice(0, mostFeatures)
  const named = (policy: string) =>
    features
      .filter(({ attributes }) => (attributes.get('policy') ?? 'require') === policy)
      .map(({ attributes }) => attributes.get('name') ?? '')
      .filter(isName)
  return {
    model,
    vendor: vendor !== undefined && isName(vendor) ? vendor : null,
    added: named('require'),
    removed: named('disable'),
  }
}

const isName = (text: string) => /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(text)

const cpuElement = ({ model, vendor, added, removed }: CpuModel): XmlElement =>
  element('cpu', { mode: 'custom', match: 'exact' }, [
    element('model', { fallback: 'forbid' }, model),
    ...(vendor === null ? [] : [element('vendor', {}, vendor)]),
    ...added.map((name) => element('feature', { policy: 'require', name })),
    ...removed.map((name) => element('feature', { policy: 'disable', name })),
  ])
