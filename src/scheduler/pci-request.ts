/** What flavors ask for in `pci_passthrough:alias`, resolved to `vendor:product` and added up. */
import { Fault } from '../core/fault.ts'
import type { Pairs } from '../core/schema.ts'
import { closestName } from './closest-name.ts'
import type { PciAlias, PlacedServer } from './types.ts'

export interface PciRequest {
  /** `vendor:product`, lower case hex. */
  readonly device: string
  readonly count: number
}

const vendorProduct = /^[0-9a-f]{4}:[0-9a-f]{4}$/i
const mostDevices = 1024

/** The devices that extra specs ask for; an `invalid` fault for a malformed spec or an unknown alias. */
export function pciRequests(specs: Pairs, aliases: readonly PciAlias[]): PciRequest[] {
  const counts = new Map<string, number>()
  for (const [key, value] of specs) {
    if (key !== 'pci_passthrough:alias') continue
    for (const term of value.split(',')) addTerm(counts, term.trim(), aliases)
  }
  return [...counts].map(([device, count]) => ({ device, count }))
}

/** How many devices of each `vendor:product` the placed servers hold; specs that no longer parse hold nothing. */
export function pciUsed(servers: readonly PlacedServer[], aliases: readonly PciAlias[], except: string): Map<string, number> {
  const used = new Map<string, number>()
  for (const { id, extraSpecs } of servers) {
    if (id === except || !extraSpecs.some(([key]) => key === 'pci_passthrough:alias')) continue
    for (const { device, count } of placedRequests(extraSpecs, aliases)) used.set(device, (used.get(device) ?? 0) + count)
  }
  return used
}

function placedRequests(specs: Pairs, aliases: readonly PciAlias[]): PciRequest[] {
  try {
    return pciRequests(specs, aliases)
  } catch (error) {
    if (error instanceof Fault) return []
    throw error
  }
}

function addTerm(counts: Map<string, number>, term: string, aliases: readonly PciAlias[]): void {
  const colon = vendorProduct.test(term) ? term.length : term.lastIndexOf(':')
  const name = colon < 0 ? term : term.slice(0, colon)
  const digits = term.slice(colon + 1) || '1'
  const count = Number(digits)
  if (colon < 0 || name === '' || !/^\d{1,4}$/.test(digits) || count < 1 || count > mostDevices) {
    throw new Fault(
      'invalid',
      `extra spec pci_passthrough:alias '${term.slice(0, 80)}' is not name:count with a count of 1 to ${mostDevices}`,
    )
  }
  const device = deviceOf(name, aliases)
  counts.set(device, (counts.get(device) ?? 0) + count)
}

function deviceOf(name: string, aliases: readonly PciAlias[]): string {
  const alias = aliases.find((one) => one.name === name)
  if (alias) return `${alias.vendorId}:${alias.productId}`.toLowerCase()
  if (vendorProduct.test(name)) return name.toLowerCase()
  const known = aliases.map((one) => one.name)
  const meant = closestName(name, known)
  throw new Fault('invalid', `unknown PCI alias ${name.slice(0, 80)}; known: ${known.join(', ') || 'none'}`, {
    hint: meant === undefined ? 'name a device vendor:product, for example 8086:10fb:1' : `did you mean ${meant}?`,
  })
}
