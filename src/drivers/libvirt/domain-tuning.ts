/** Shares, pins and memory of a domain. Memory limits are not among them: they stop guests from starting where memory cannot be locked. */
import type { GuestHardware } from '../driver.ts'
import { numberList } from './domain-cpu.ts'
import type { DomainFacts } from './domain-facts.ts'
import { element, type XmlElement } from './xml.ts'

/** Huge pages. */
export function memoryBacking({ pageSizeKb }: GuestHardware): XmlElement[] {
  if (pageSizeKb === null) return []
  const pages = pageSizeKb === 'large' ? [] : [element('page', { size: pageSizeKb, unit: 'KiB' })]
  return [element('memoryBacking', {}, [element('hugepages', {}, pages)])]
}

/** Weights and limits of the CPUs, and the host's CPUs that the guest has for itself. */
export function cpuTune({ cpuShares, cpuPeriod, cpuQuota }: GuestHardware, { pins }: DomainFacts): XmlElement[] {
  const limits = [
    ['shares', cpuShares],
    ['period', cpuPeriod],
    ['quota', cpuQuota],
  ] as const
  const children = [
    ...limits.flatMap(([name, value]) => (value === null ? [] : [element(name, {}, value)])),
    ...pins.map((cpu, vcpu) => element('vcpupin', { vcpu, cpuset: cpu })),
    ...(pins.length === 0 ? [] : [element('emulatorpin', { cpuset: numberList(pins) })]),
  ]
  return children.length === 0 ? [] : [element('cputune', {}, children)]
}

/** Where the memory of each cell comes from. */
export function numaTune({ cells }: GuestHardware, { hostCells }: DomainFacts): XmlElement[] {
  if (cells.length === 0 || hostCells.length === 0) return []
  return [
    element('numatune', {}, [
      element('memory', { mode: 'strict', nodeset: numberList(hostCells) }),
      ...cells.map((_, cellid) => element('memnode', { cellid, mode: 'strict', nodeset: hostCells[cellid] ?? 0 })),
    ]),
  ]
}
