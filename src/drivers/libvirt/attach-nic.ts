/** Network interfaces of a guest that come and go: the running domain, the definition that libvirt keeps, and our own. */
import type { NicPlug } from '../driver.ts'
import type { DriverContext } from '../driver-context.ts'
import { writeGuestRecord } from '../guest-record.ts'
import { plainHardware } from '../plain-hardware.ts'
import { refuseAdopted } from './adopted-guest.ts'
import { nicElement } from './domain-devices.ts'
import { libvirtPaths } from './guest-paths.ts'
import { type Known, plugIn, plugOut } from './hot-device.ts'
import { find } from './parse-xml.ts'
import { requireRecord } from './start-guest.ts'

/** What the libvirt driver does for interfaces of guests. */
export function libvirtNicPlug(context: DriverContext): NicPlug {
  return {
    async attachNic(id, nic) {
      const paths = libvirtPaths(context, id)
      await refuseAdopted(context, paths, id)
      const record = await requireRecord(context, paths)
      const { spec } = record
      const wanted = nicElement(nic, spec, spec.hardware ?? plainHardware)
      await plugIn(context, paths, nicOf(id, nic.mac), () => wanted)
      if (spec.nics.some(({ mac }) => mac === nic.mac)) return
      await writeGuestRecord(context, paths, { ...record, spec: { ...spec, nics: [...spec.nics, nic] } })
    },
    async detachNic(id, mac) {
      const paths = libvirtPaths(context, id)
      await refuseAdopted(context, paths, id)
      const record = await requireRecord(context, paths)
      const { spec } = record
      await plugOut(context, paths, nicOf(id, mac))
      if (!spec.nics.some((nic) => nic.mac === mac)) return
      await writeGuestRecord(context, paths, { ...record, spec: { ...spec, nics: spec.nics.filter((nic) => nic.mac !== mac) } })
    },
  }
}

const nicOf = (id: string, mac: string): Known => ({
  id,
  what: `nic ${mac}`,
  is: (device) => device.name === 'interface' && find(device, 'mac')?.attributes.get('address') === mac,
})
