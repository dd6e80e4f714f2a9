/** The processors of a domain. */
import { Fault } from '../../core/fault.ts'
import type { GuestHardware, GuestSpec } from '../driver.ts'
import type { DomainFacts } from './domain-facts.ts'
import { element, type XmlElement } from './xml.ts'

const modes = ['host-model', 'host-passthrough', 'maximum'] as const

/** Their number, and where they may run when they are pinned. */
export const vcpuElement = ({ vcpus }: GuestSpec, { pins }: DomainFacts): XmlElement =>
  element('vcpu', { placement: 'static', cpuset: pins.length === 0 ? null : numberList(pins) }, vcpus)

/** The CPU that the guest sees; none is libvirt's default, which is what emulation runs fastest. */
export function cpuElements(spec: GuestSpec, hardware: GuestHardware, facts: DomainFacts): readonly XmlElement[] {
  const model = cpuModel(spec, facts)
  const { sockets, cores, threads } = topologyOf(spec, hardware)
  return [
    element('cpu', model.attributes, [
      ...model.children,
      element('topology', { sockets, dies: 1, cores, threads }),
      ...(hardware.cells.length === 0 ? [] : [element('numa', {}, cellElements(spec, hardware))]),
    ]),
  ]
}

function cpuModel(spec: GuestSpec, { accelerator }: DomainFacts) {
  const asked = spec.cpuModel ?? (accelerator === 'kvm' ? 'host-model' : null)
  if (asked === null) return { attributes: {}, children: [] }
  const mode = modes.find((word) => word === asked)
  // Emulation has no host CPU to show: the most that it can do is nearest to it.
  if (mode !== undefined && mode !== 'maximum' && accelerator === 'tcg') return inMode('maximum')
  if (mode !== undefined) return inMode(mode)
  const [model = '', ...features] = asked.split(',')
  if (!isName.test(model) || !features.every((feature) => /^[+-]/.test(feature) && isName.test(feature.slice(1)))) {
    throw new Fault('invalid', `CPU model ${JSON.stringify(asked.slice(0, 64))} is not a name`)
  }
  const attributes = { mode: 'custom', match: 'exact', check: accelerator === 'kvm' ? 'partial' : 'none' }
  const named = element('model', { fallback: accelerator === 'kvm' ? 'forbid' : 'allow' }, model)
  const changed = features.map((feature) =>
    element('feature', { policy: feature.startsWith('+') ? 'require' : 'disable', name: feature.slice(1) }),
  )
  return { attributes, children: [named, ...changed] }
}

const isName = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/

const inMode = (mode: (typeof modes)[number]) => ({
  attributes: { mode, check: mode === 'host-model' ? 'partial' : 'none', migratable: mode === 'host-model' ? null : 'on' },
  children: [],
})

function topologyOf({ id, vcpus }: GuestSpec, { topology }: GuestHardware) {
  const { sockets, cores, threads } = topology ?? { sockets: vcpus, cores: 1, threads: 1 }
  if (sockets * cores * threads === vcpus) return { sockets, cores, threads }
  throw new Fault(
    'invalid',
    `guest ${id}: ${sockets} sockets × ${cores} cores × ${threads} threads are ${sockets * cores * threads} CPUs, the flavor has ${vcpus}`,
  )
}

function cellElements({ id, vcpus, ram }: GuestSpec, { cells, pageSizeKb }: GuestHardware): XmlElement[] {
  const cpus = cells.flatMap((cell) => cell.cpus)
  const memory = cells.reduce((sum, cell) => sum + cell.memoryMb, 0)
  const isWhole = new Set(cpus).size === vcpus && cpus.length === vcpus && cpus.every((cpu) => cpu < vcpus)
  if (!isWhole) throw new Fault('invalid', `guest ${id}: its NUMA cells hold CPUs ${numberList(cpus)}, the flavor has ${vcpus}`)
  if (memory !== ram) throw new Fault('invalid', `guest ${id}: its NUMA cells hold ${memory} MB, the flavor has ${ram}`)
  const memAccess = pageSizeKb === null ? null : 'shared'
  return cells.map((cell, number) =>
    element('cell', { id: number, cpus: numberList(cell.cpus), memory: cell.memoryMb, unit: 'MiB', memAccess }),
  )
}

/** `0-2,5` as libvirt writes sets of CPUs. */
export function numberList(numbers: readonly number[]): string {
  const ranges: [number, number][] = []
  for (const number of [...new Set(numbers)].sort((a, b) => a - b)) {
    const last = ranges.at(-1)
    if (last && last[1] === number - 1) last[1] = number
    else ranges.push([number, number])
  }
  return ranges.map(([first, last]) => (first === last ? `${first}` : `${first}-${last}`)).join(',')
}
