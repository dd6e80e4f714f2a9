/** Extra disks of a guest that come and go while it runs. The definition follows, so that the next start has them too. */
import { Fault } from '../../core/fault.ts'
import type { DiskPlug } from '../driver.ts'
import { extraDiskIn, extraDiskPath, type PlacedDisk, serialOf, withoutDisk } from '../guest-disk.ts'
import { dropExtraDisk, provideExtraDisk } from '../guest-disks.ts'
import { writeGuestRecord } from '../guest-record.ts'
import type { QemuContext } from './context.ts'
import { extraDiskId } from './disk-arguments.ts'
import { type GuestPaths, guestPaths } from './guest-paths.ts'
import { livingProcess } from './guest-process.ts'
import { addDevice, deviceNames, propertyOf, removeDevice } from './hot-device.ts'
import { fieldsOf } from './json-lines.ts'
import { type Qmp, withQmp } from './qmp.ts'
import { requireRecord } from './start-guest.ts'

/** What the qemu driver does for extra disks of guests. */
export function qemuDiskPlug(context: QemuContext): DiskPlug {
  /** Where the guest runs, and not in a plan. */
  const ifRunning = async (paths: GuestPaths, use: (qmp: Qmp) => Promise<void>) => {
    const found = await livingProcess(context, paths)
    if (found) await withQmp(context, found.paths.monitor, use)
  }
  return {
    async attachDisk(id, disk, { mustExist } = { mustExist: false }) {
      const paths = guestPaths(context, id)
      const record = await requireRecord(context, paths)
      const { spec } = record
      const placed = extraDiskIn(paths, disk)
      await provideExtraDisk(context, placed, mustExist)
      await ifRunning(paths, (qmp) => plugIn(qmp, spec.machine, placed))
      if (spec.disks.some(({ serial }) => serial === disk.serial)) return
      await writeGuestRecord(context, paths, { ...record, spec: { ...spec, disks: [...spec.disks, disk] } })
    },
    async detachDisk(id, serial) {
      const paths = guestPaths(context, id)
      const record = await requireRecord(context, paths)
      const path = extraDiskPath(paths, serial)
      await ifRunning(paths, (qmp) => plugOut(qmp, id, serial))
      const spec = withoutDisk(record.spec, serial)
      if (spec !== record.spec) await writeGuestRecord(context, paths, { ...record, spec })
      // The last of all: while anything still names the file, its content is the guest's.
      await dropExtraDisk(context, path)
    },
  }
}

async function plugIn(qmp: Qmp, machine: 'pc' | 'q35', placed: PlacedDisk): Promise<void> {
  if (await hasDisk(qmp, placed)) return
  const { node, path } = placed
  const serial = serialOf(placed)
  await dropNode(qmp, node)
  const file = { driver: 'file', filename: path, discard: 'unmap' }
  const layer = { driver: 'qcow2', 'node-name': node, 'read-only': false, discard: 'unmap', 'detect-zeroes': 'unmap' }
  await qmp.execute('blockdev-add', { ...layer, backing: null, file })
  try {
    await addDevice(qmp, machine, { driver: 'virtio-blk-pci', id: extraDiskId(placed), drive: node, serial })
  } catch (error) {
    await dropNode(qmp, node)
    throw error
  }
  if (!(await hasDisk(qmp, placed))) throw new Fault('internal', `qemu took disk ${serial} and does not have it`)
}

async function plugOut(qmp: Qmp, guest: string, serial: string): Promise<void> {
  const node = `extra-${serial}`
  const device = extraDiskId({ node })
  if ((await deviceNames(qmp)).includes(device)) {
    await needSerial(qmp, device, serial)
    await removeDevice(qmp, { guest, device, what: `disk ${serial}` })
  }
  await dropNode(qmp, node)
}

/** Whether the guest has this very disk: its serial and its file. */
async function hasDisk(qmp: Qmp, placed: PlacedDisk): Promise<boolean> {
  const device = extraDiskId(placed)
  if (!(await deviceNames(qmp)).includes(device)) return false
  await needSerial(qmp, device, serialOf(placed))
  const file = (await findNode(qmp, placed.node))?.get('file')
  if (file === placed.path) return true
  throw new Fault('conflict', `device ${device} of the guest has file ${String(file)}, not ${placed.path}`)
}

async function needSerial(qmp: Qmp, device: string, serial: string): Promise<void> {
  const found = await propertyOf(qmp, device, 'serial')
  if (found !== serial) throw new Fault('conflict', `device ${device} of the guest has serial ${String(found)}, not ${serial}`)
}

/** Closes the file; a call that died left it open without a device. */
async function dropNode(qmp: Qmp, node: string): Promise<void> {
  if (await findNode(qmp, node)) await qmp.execute('blockdev-del', { 'node-name': node })
}

async function findNode(qmp: Qmp, node: string) {
  const nodes = await qmp.execute('query-named-block-nodes', { flat: true })
  return Array.isArray(nodes) ? nodes.map(fieldsOf).find((one) => one?.get('node-name') === node) : undefined
}
