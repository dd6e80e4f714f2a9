/** Ports of q35: every device takes one, and what comes while the guest runs only gets one that was there at its start. */
import type { GuestSpec } from '../driver.ts'
import { find } from './parse-xml.ts'
import { element, type XmlElement } from './xml.ts'

/** Ports for devices that come while the guest runs. */
const spare = 4
/** Elements that are, or bring, a device on PCI. */
const takers: ReadonlySet<string> = new Set(['interface', 'channel', 'rng', 'memballoon', 'watchdog', 'video'])

/** A port for each of the devices and some to spare; pc takes devices everywhere and needs none. */
export function portElements({ machine }: GuestSpec, devices: readonly XmlElement[]): XmlElement[] {
  if (machine === 'pc') return []
  const count = devices.filter(takesPort).length + spare
  return Array.from({ length: count }, (_, index) =>
    // 0 is the root of the machine itself.
    element('controller', { type: 'pci', index: index + 1, model: 'pcie-root-port' }),
  )
}

const takesPort = (device: XmlElement): boolean =>
  takers.has(device.name) ||
  (device.name === 'disk' && find(device, 'target')?.attributes.get('bus') === 'virtio') ||
  device.attributes.get('model') === 'virtio-scsi'
