/** Where the CPUs and the memory of a guest go on its host. */
import { Fault } from '../../core/fault.ts'
import type { GuestSpec } from '../driver.ts'
import type { DriverContext } from '../driver-context.ts'
import { numaCells } from '../host-topology.ts'
import { reserveCpus } from './cpu-reservation.ts'
import type { DomainFacts } from './domain-facts.ts'
import { placeCells } from './place-cells.ts'

/** Chooses host cells for a guest with NUMA, and takes host CPUs for a pinned one until it is destroyed. */
export async function cpuPlacement(context: DriverContext, spec: GuestSpec): Promise<Pick<DomainFacts, 'pins' | 'hostCells'>> {
  const { hardware } = spec
  if (!hardware || (!hardware.pinned && hardware.cells.length === 0)) return { pins: [], hostCells: [] }
  const cells = await numaCells(context.host)
  if (!hardware.pinned) return { pins: [], hostCells: placeCells(hardware.cells, cells) }
  if (cells.length === 0) throw new Fault('unsupported', `host ${context.host.name} shows no NUMA cells to pin guests to`)
  return reserveCpus(context, spec, cells)
}
