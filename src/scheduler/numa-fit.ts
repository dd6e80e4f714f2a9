/**
 * Whether a guest's NUMA nodes fit into a host's cells. Nothing records where placed servers sit, so they are fitted
 * again in their order, by the same rule: cells that they cannot get are charged to the emptiest one.
 */

import type { Inventory } from '../model/host.ts'
import { counted } from './counted.ts'
import { type GuestCell, type GuestTopology, topologyOf } from './numa-topology.ts'
import type { Candidate } from './types.ts'

interface Cell {
  readonly cpus: number
  readonly memoryMb: number
  readonly pageSizesKb: readonly number[]
  pinned: number
  shared: number
  usedMb: number
}

/** Null when the topology fits, or why not, with numbers. */
export function fitTopology(topology: GuestTopology, candidate: Candidate): string | null {
  const { numaCells } = candidate.inventory
  if (numaCells.length === 0) return 'reports no NUMA cells'
  const cells = occupiedCells(candidate)
  const wanted = topology.cells
  if (wanted.length > cells.length) return `needs ${counted(wanted.length, 'NUMA cell')}, the host has ${cells.length}`
  if (match(topology, cells, candidate.ratios)) return null
  const largest = wanted.reduce((most, cell) => (cell.memoryMb > most.memoryMb ? cell : most))
  const kind = topology.dedicated ? 'dedicated CPU' : 'vCPU'
  const page = topology.pageSize === null ? '' : ` in ${pageName(topology.pageSize)}`
  const needs = `needs ${counted(wanted.length, 'NUMA cell')} of ${counted(largest.vcpus, kind)} and ${largest.memoryMb} MB${page}`
  return `${needs}; free: ${cells.map(describeCell).join(', ')}`
}

const pageName = (size: number | 'small' | 'large') => (typeof size === 'number' ? `pages of ${size} KiB` : `${size} pages`)

const describeCell = (cell: Cell, index: number) =>
  `cell ${index} ${counted(Math.max(0, cell.cpus - cell.pinned), 'CPU')} and ${Math.max(0, cell.memoryMb - cell.usedMb)} MB`

function occupiedCells({ inventory, servers, ratios }: Candidate): Cell[] {
  const cells = inventory.numaCells.map(emptyCell)
  for (const server of servers) {
    const topology = topologyOf(server)
    if (topology === null || 'problem' in topology) continue
    const places = match(topology, cells, ratios)
    topology.cells.forEach((guest, index) => {
      const place = places?.[index]
      const cell = place === undefined ? emptiest(cells) : cells[place]
      if (cell) occupy(cell, guest, topology.dedicated)
    })
  }
  return cells
}

const emptyCell = ({ cpus, memoryMb, pageSizesKb }: Inventory['numaCells'][number]): Cell => ({
  cpus: cpus.length,
  memoryMb,
  pageSizesKb,
  pinned: 0,
  shared: 0,
  usedMb: 0,
})

const emptiest = (cells: readonly Cell[]) =>
  cells.reduce((most, cell) => (cell.memoryMb - cell.usedMb > most.memoryMb - most.usedMb ? cell : most))

function occupy(cell: Cell, guest: GuestCell, dedicated: boolean): void {
  cell.usedMb += guest.memoryMb
  if (dedicated) cell.pinned += guest.vcpus
  else cell.shared += guest.vcpus
}

/** The host cell of each guest cell, all different, by augmenting paths; null when there is no such choice. */
function match(topology: GuestTopology, cells: readonly Cell[], ratios: Candidate['ratios']): number[] | null {
  const guestOf = new Map<number, number>()
  const place = (guest: number, seen: Set<number>): boolean => {
    const wanted = topology.cells[guest]
    for (const [index, cell] of cells.entries()) {
      if (!wanted || seen.has(index) || !isRoomy(cell, wanted, topology, ratios)) continue
      seen.add(index)
      const holder = guestOf.get(index)
      if (holder !== undefined && !place(holder, seen)) continue
      guestOf.set(index, guest)
      return true
    }
    return false
  }
  for (const guest of topology.cells.keys()) if (!place(guest, new Set())) return null
  const places: number[] = []
  for (const [index, guest] of guestOf) places[guest] = index
  return places
}

function isRoomy(cell: Cell, guest: GuestCell, { dedicated, pageSize }: GuestTopology, ratios: Candidate['ratios']): boolean {
  // A guest cell never over-commits against itself, whatever the ratio.
  if (guest.vcpus > cell.cpus || guest.memoryMb > cell.memoryMb || !offersPages(cell, pageSize)) return false
  const memory = cell.memoryMb * (dedicated || pageSize !== null ? 1 : ratios.ram)
  if (cell.usedMb + guest.memoryMb > memory) return false
  const free = cell.cpus - cell.pinned
  return dedicated ? guest.vcpus <= free - Math.ceil(cell.shared / ratios.cpu) : cell.shared + guest.vcpus <= free * ratios.cpu
}

function offersPages({ pageSizesKb }: Cell, pageSize: GuestTopology['pageSize']): boolean {
  if (pageSize === null) return true
  if (pageSize === 'small') return pageSizesKb.length > 0
  if (pageSize === 'large') return new Set(pageSizesKb).size > 1
  return pageSizesKb.includes(pageSize)
}
