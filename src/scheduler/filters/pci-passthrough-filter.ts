import { counted } from '../counted.ts'
import { defineFilter } from '../define-filter.ts'
import { pciRequests, pciUsed } from '../pci-request.ts'

/**
 * PciPassthroughFilter: the host has the devices of the extra spec `pci_passthrough:alias` (`name:count`, comma separated)
 * free, less those of placed servers. A name is one of the setting `pciAliases` or `vendor:product` in hex.
 */
export const pciPassthroughFilter = defineFilter('PciPassthroughFilter', ({ flavor, serverId }, { settings }) => {
  const aliases = settings.pciAliases ?? []
  const wanted = pciRequests(flavor.extraSpecs, aliases)
  if (wanted.length === 0) return null
  return ({ inventory, servers }) => {
    const used = pciUsed(servers, aliases, serverId)
    for (const { device, count } of wanted) {
      const total = inventory.pciDevices.filter(
        ({ vendorId, productId }) => `${vendorId}:${productId}`.toLowerCase() === device,
      ).length
      const free = Math.max(0, total - (used.get(device) ?? 0))
      if (free >= count) continue
      const reason = `needs ${counted(count, 'PCI device')} ${device}, ${free} free of ${total}`
      return { reason, change: `--flavor with at most ${free} devices ${device}` }
    }
    return true
  }
})
