/** A definition that libvirt already has, on host CPUs that are free now. */
import type { GuestSpec } from '../driver.ts'
import type { DriverContext } from '../driver-context.ts'
import { plainHardware } from '../plain-hardware.ts'
import { cpuPlacement } from './cpu-placement.ts'
import { vcpuElement } from './domain-cpu.ts'
import type { DomainFacts } from './domain-facts.ts'
import { cpuTune, numaTune } from './domain-tuning.ts'
import type { XmlElement } from './xml.ts'

/** The domain with its pins and cells chosen again on this host; one without either stays as it is. */
export async function placedAnew(context: DriverContext, domain: XmlElement, spec: GuestSpec): Promise<XmlElement> {
  const { pins, hostCells } = await cpuPlacement(context, spec)
  if (pins.length === 0 && hostCells.length === 0) return domain
  const facts: DomainFacts = { accelerator: 'tcg', emulator: null, machineType: null, pins, hostCells }
  const hardware = spec.hardware ?? plainHardware
  const made = [vcpuElement(spec, facts), ...cpuTune(hardware, facts), ...numaTune(hardware, facts)]
  return withElements(domain, made)
}

/** The element with `made` in place of its children of the same names. */
function withElements(parent: XmlElement, made: readonly XmlElement[]): XmlElement {
  const names = new Set(made.map(({ name }) => name))
  const kept = parent.children.filter(({ name }) => !names.has(name))
  return { ...parent, children: [...kept, ...made] }
}
