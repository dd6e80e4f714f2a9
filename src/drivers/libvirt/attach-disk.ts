/** Extra disks of a guest that come and go: the running domain, the definition that libvirt keeps, and our own. */
import type { DiskPlug } from '../driver.ts'
import type { DriverContext } from '../driver-context.ts'
import { extraDiskIn, extraDiskPath, withoutDisk } from '../guest-disk.ts'
import { dropExtraDisk, provideExtraDisk } from '../guest-disks.ts'
import { writeGuestRecord } from '../guest-record.ts'
import { plainHardware } from '../plain-hardware.ts'
import { refuseAdopted } from './adopted-guest.ts'
import { extraDiskElement, freeTarget } from './domain-disks.ts'
import { libvirtPaths } from './guest-paths.ts'
import { type Known, plugIn, plugOut } from './hot-device.ts'
import { find } from './parse-xml.ts'
import { requireRecord } from './start-guest.ts'
import type { XmlElement } from './xml.ts'

/** What the libvirt driver does for extra disks of guests. */
export function libvirtDiskPlug(context: DriverContext): DiskPlug {
  return {
    async attachDisk(id, disk, { mustExist } = { mustExist: false }) {
      const paths = libvirtPaths(context, id)
      await refuseAdopted(context, paths, id)
      const record = await requireRecord(context, paths)
      const { spec } = record
      const placed = extraDiskIn(paths, disk)
      await provideExtraDisk(context, placed, mustExist)
      const known = diskOf(id, disk.serial ?? '', placed.path)
      await plugIn(context, paths, known, (devices) =>
        extraDiskElement(placed, freeTarget(devices.flatMap(targetOf)), spec, spec.hardware ?? plainHardware),
      )
      if (spec.disks.some(({ serial }) => serial === disk.serial)) return
      await writeGuestRecord(context, paths, { ...record, spec: { ...spec, disks: [...spec.disks, disk] } })
    },
    async detachDisk(id, serial) {
      const paths = libvirtPaths(context, id)
      await refuseAdopted(context, paths, id)
      const record = await requireRecord(context, paths)
      const path = extraDiskPath(paths, serial)
      await plugOut(context, paths, diskOf(id, serial, path))
      const spec = withoutDisk(record.spec, serial)
      if (spec !== record.spec) await writeGuestRecord(context, paths, { ...record, spec })
      // The last of all: while anything still names the file, its content is the guest's.
      await dropExtraDisk(context, path)
    },
  }
}

/** By its serial and by its file: neither alone would be that disk. */
const diskOf = (id: string, serial: string, path: string): Known => ({
  id,
  what: `disk ${serial}`,
  is: (device) =>
    device.name === 'disk' && find(device, 'serial')?.text === serial && find(device, 'source')?.attributes.get('file') === path,
})

const targetOf = (device: XmlElement): string[] =>
  device.name === 'disk' ? [find(device, 'target')?.attributes.get('dev') ?? ''] : []
