/** Which host cell holds which cell of a guest: pure, the same answer for the same question. */
import { Fault } from '../../core/fault.ts'
import type { Inventory } from '../../model/host.ts'
import type { GuestCell } from '../driver.ts'

type HostCells = Inventory['numaCells']

/** A host cell for each guest cell, every one large enough. `no-valid-host` with the numbers when there is none. */
export function placeCells(cells: readonly GuestCell[], host: HostCells): number[] {
  const used = new Set<number>()
  return cells.map((cell, number) => {
    const fits = host.find(
      ({ id, cpus, memoryMb }) => !used.has(id) && cpus.length >= cell.cpus.length && memoryMb >= cell.memoryMb,
    )
    if (!fits) {
      const has = host.map(({ id, cpus, memoryMb }) => `cell ${id}: ${cpus.length} CPUs, ${memoryMb} MB`).join('; ')
      throw new Fault(
        'no-valid-host',
        `guest cell ${number} needs ${cell.cpus.length} CPUs and ${cell.memoryMb} MB of one host cell; the host has ${has}`,
      )
    }
    used.add(fits.id)
    return fits.id
  })
}

export interface Pinning {
  /** The host's CPU of each vCPU. */
  readonly pins: readonly number[]
  /** The host cell of each guest cell. */
  readonly hostCells: readonly number[]
}

/** Host CPUs that are not in `taken`: those of one cell for each guest cell, or of one cell for a guest without cells. */
export function pinCpus(vcpus: number, cells: readonly GuestCell[], host: HostCells, taken: ReadonlySet<number>): Pinning {
  const free = host.map((cell) => ({ ...cell, cpus: cell.cpus.filter((cpu) => !taken.has(cpu)) }))
  const all = Array.from({ length: vcpus }, (_, cpu) => cpu)
  const wanted = cells.length > 0 ? cells : [{ cpus: all, memoryMb: 0 }]
  const hostCells = placeCells(wanted, free)
  const pins = new Map<number, number>()
  wanted.forEach((cell, number) => {
    const cpus = free.find(({ id }) => id === hostCells[number])?.cpus ?? []
    for (const [index, vcpu] of cell.cpus.entries()) pins.set(vcpu, cpus[index] ?? 0)
  })
  return { pins: all.map((vcpu) => pins.get(vcpu) ?? 0), hostCells: cells.length > 0 ? hostCells : [] }
}
