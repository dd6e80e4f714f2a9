/** What a host may hold and what is left of it: (total − reserved) × ratio − claimed. */
import { counted } from './counted.ts'
import type { Candidate, Refusal } from './types.ts'

/** MiB that may still be claimed; negative when the ratio was lowered under what is claimed. */
export const freeRam = ({ inventory, reserved, ratios, claimed }: Candidate) =>
  (inventory.memoryMb - reserved.memoryMb) * ratios.ram - claimed.ram

/** vCPUs that may still be claimed. */
export const freeVcpus = ({ inventory, ratios, claimed }: Candidate) => inventory.vcpus * ratios.cpu - claimed.vcpus

/** GiB that may still be claimed. */
export const freeDisk = ({ inventory, reserved, ratios, claimed }: Candidate) =>
  (inventory.diskGb - reserved.diskGb) * ratios.disk - claimed.disk

/** A count with its unit: `1 vCPU`, `512 MB`. */
export const amountOf = (count: number, unit: string) => (unit === 'vCPUs' ? counted(count, 'vCPU') : `${count} ${unit}`)

interface Shortfall {
  readonly resource: 'ram' | 'vcpus' | 'disk'
  readonly unit: 'MB' | 'vCPUs' | 'GB'
  readonly needed: number
  readonly free: number
  readonly total: number
  readonly reserved: number
  readonly ratio: number
}

/** The refusal for a claim that does not fit, for example `needs 8192 MB, 3120 MB free of 4096 × 1.5`. */
export function shortageOf({ resource, unit, needed, free, total, reserved, ratio }: Shortfall): Refusal {
  const left = Math.floor(free)
  const base = reserved > 0 ? `(${total} − ${reserved})` : `${total}`
  const excess = left < 0 ? `, over-committed by ${-left}` : ''
  return {
    reason: `needs ${amountOf(needed, unit)}, ${amountOf(Math.max(0, left), unit)} free of ${base} × ${ratio}${excess}`,
    shortage: { resource, needed, free: left, unit },
  }
}

/** The refusal for a server larger than the machine: servers over-commit against each other, never against themselves. */
export function tooLarge(resource: 'ram' | 'vcpus', unit: 'MB' | 'vCPUs', needed: number, total: number, free: number): Refusal {
  return {
    reason: `needs ${needed} ${unit}, the host has ${total} in all and one server may not over-commit against itself`,
    shortage: { resource, needed, free: Math.floor(Math.min(total, free)), unit },
  }
}
