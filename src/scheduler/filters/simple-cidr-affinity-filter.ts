import { Fault } from '../../core/fault.ts'
import { defineFilter } from '../define-filter.ts'
import { ipAddress, sharesPrefix } from '../ip-network.ts'

/**
 * SimpleCIDRAffinityFilter: with the hint `build_near_host_ip`, the host's address is in the same network;
 * the hint `cidr` gives its prefix (`/24` when absent, also for IPv6, as in Nova).
 */
export const simpleCidrAffinityFilter = defineFilter('SimpleCIDRAffinityFilter', ({ hints }) => {
  if (hints.buildNearHostIp === null) return null
  const near = ipAddress(hints.buildNearHostIp)
  if (!near) throw new Fault('invalid', `hint build_near_host_ip '${hints.buildNearHostIp.slice(0, 80)}' is not an IP address`)
  const prefix = prefixOf(hints.cidr ?? '/24', near.bits)
  const network = `${hints.buildNearHostIp}/${prefix}`
  const change = 'drop hint build_near_host_ip'
  return ({ record }) => {
    const address = ipAddress(record.address)
    if (!address)
      return { reason: `its address '${record.address}' is no IP address, so it is not known to be near ${network}`, change }
    return sharesPrefix(near, address, prefix) || { reason: `its address ${record.address} is outside ${network}`, change }
  }
})

function prefixOf(cidr: string, bits: number): number {
  const digits = /^\/?(\d{1,3})$/.exec(cidr)?.[1]
  const prefix = Number(digits)
  if (digits !== undefined && prefix <= bits) return prefix
  throw new Fault('invalid', `hint cidr '${cidr.slice(0, 80)}' is not a prefix of 0 to ${bits} bits`, {
    hint: 'write it like /24',
  })
}
