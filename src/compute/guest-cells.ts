/** The NUMA cells that a flavor or an image asks for. */
import { Fault } from '../core/fault.ts'
import type { GuestCell } from '../drivers/driver.ts'

const mostCells = 64

/** CPUs and memory of each cell: as asked, or in equal parts. Empty without `hw:numa_nodes`. */
export function guestCells(
  { vcpus, ram }: { readonly vcpus: number; readonly ram: number },
  either: (name: string) => string | undefined,
): GuestCell[] {
  const asked = either('numa_nodes')
  if (asked === undefined) return []
  const nodes = count('hw:numa_nodes', asked)
  if (nodes > Math.min(vcpus, mostCells)) {
    throw new Fault('invalid', `hw:numa_nodes is ${nodes}, the flavor has ${vcpus} CPUs and ${mostCells} cells are the most`)
  }
  if (nodes > 1 && either('numa_cpus.0') === undefined && (vcpus % nodes !== 0 || ram % nodes !== 0)) {
    throw new Fault('invalid', `${vcpus} CPUs and ${ram} MB cannot be cut into ${nodes} equal NUMA cells`, {
      hint: 'say the parts with hw:numa_cpus.N and hw:numa_mem.N',
    })
  }
  return Array.from({ length: nodes }, (_, number) => {
    const cpus = either(`numa_cpus.${number}`)
    const memory = either(`numa_mem.${number}`)
    const each = vcpus / nodes
    return {
      cpus:
        cpus === undefined
          ? Array.from({ length: each }, (_, index) => number * each + index)
          : cpuSet(`hw:numa_cpus.${number}`, cpus),
      memoryMb: memory === undefined ? Math.floor(ram / nodes) : count(`hw:numa_mem.${number}`, memory),
    }
  })
}

/** `0-2,5`, of CPUs below 1024. */
function cpuSet(key: string, text: string): number[] {
  const largest = 1023
  const parts = text.split(',').map((part) => /^(\d{1,4})(?:-(\d{1,4}))?$/.exec(part.trim()))
  const cpus = parts.flatMap((part) => {
    const first = Number(part?.[1] ?? Number.NaN)
    const last = part?.[2] === undefined ? first : Number(part[2])
    return first <= last && last <= largest ? Array.from({ length: last - first + 1 }, (_, index) => first + index) : [Number.NaN]
  })
  if (cpus.some(Number.isNaN)) throw new Fault('invalid', `${key} is "${text.slice(0, 64)}", it takes a set like 0-2,5`)
  return cpus
}

/** A whole number above 0. */
export function count(key: string, text: string): number {
  const number = /^\d{1,15}$/.test(text) ? Number(text) : 0
  if (number > 0) return number
  throw new Fault('invalid', `${key} is "${text.slice(0, 64)}", it takes a whole number above 0`)
}
