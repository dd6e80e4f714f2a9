/** Disks as qemu arguments. Formats are named for every layer, so no header that a guest wrote decides what is opened. */
import type { GuestSpec } from '../driver.ts'
import { type PlacedDisk, placedDisks, serialOf } from '../guest-disk.ts'
import { type OptionValue, optionString } from '../option-string.ts'
import type { GuestPaths } from './guest-paths.ts'

/** Block nodes, the SCSI controller when a disk needs one, and the devices in the order of the spec; extra disks come later. */
export function diskArguments(spec: GuestSpec, paths: GuestPaths): string[] {
  const disks = placedDisks(spec, paths).filter(({ disk }) => disk.role !== 'extra')
  const controller = disks.some(({ disk }) => disk.bus === 'scsi') ? ['-device', 'virtio-scsi-pci,id=scsi0'] : []
  return [...controller, ...disks.flatMap((placed) => oneDisk(placed, spec, disks))]
}

function oneDisk(placed: PlacedDisk, spec: GuestSpec, disks: readonly PlacedDisk[]): string[] {
  return ['-blockdev', blockNode(placed), '-device', device(placed, bootIndex(placed, spec, disks), place(placed, spec, disks))]
}

/** The name of an extra disk inside qemu, whether it was there at the start or came later. */
export const extraDiskId = ({ node }: Pick<PlacedDisk, 'node'>): string => `disk-${node}`

/** An extra disk of a guest that starts, in a place where it can be let go of. */
export const extraDiskArguments = (placed: PlacedDisk, at: Record<string, OptionValue>): string[] => [
  ...['-blockdev', blockNode(placed)],
  ...['-device', device(placed, null, at)],
]

function blockNode({ path, format, node, backing, disk }: PlacedDisk): string {
  const layers: Record<string, OptionValue> = {
    driver: format,
    'node-name': node,
    'read-only': disk.role === 'config',
    discard: 'unmap',
    'file.driver': 'file',
    'file.filename': path,
    'file.discard': 'unmap',
  }
  if (format === 'qcow2') layers['detect-zeroes'] = 'unmap'
  // An overlay without an image still has no backing file, whatever its header says.
  if (format === 'qcow2' && backing === null) layers.backing = ''
  if (backing !== null) {
    layers['backing.driver'] = backing.format
    layers['backing.node-name'] = `${node}-image`
    layers['backing.read-only'] = true
    layers['backing.file.driver'] = 'file'
    layers['backing.file.filename'] = backing.path
    if (backing.format === 'qcow2') layers['backing.backing'] = ''
  }
  return optionString(null, layers)
}

function device(placed: PlacedDisk, bootindex: number | null, at: Record<string, OptionValue>): string {
  const { disk, node } = placed
  const common = { id: `disk-${node}`, drive: node, bootindex, ...at }
  const isConfig = disk.role === 'config'
  if (disk.bus === 'virtio') return optionString('virtio-blk-pci', { ...common, serial: serialOf(placed) })
  if (disk.bus === 'scsi') return optionString(isConfig ? 'scsi-cd' : 'scsi-hd', { ...common, serial: node })
  return optionString(isConfig ? 'ide-cd' : 'ide-hd', { ...common, serial: node })
}

// pc has two IDE channels of two disks, q35 six SATA ports of one.
function place({ disk }: PlacedDisk, spec: GuestSpec, disks: readonly PlacedDisk[]): Record<string, OptionValue> {
  if (disk.bus === 'scsi') return { bus: 'scsi0.0' }
  if (disk.bus === 'virtio') return {}
  const index = disks.filter((other) => other.disk.bus === 'ide').findIndex((other) => other.disk === disk)
  return spec.machine === 'pc' ? { bus: `ide.${index >> 1}`, unit: index & 1 } : { bus: `ide.${index}` }
}

function bootIndex({ disk }: PlacedDisk, spec: GuestSpec, disks: readonly PlacedDisk[]): number | null {
  const bootRole = disks.some((other) => other.disk.role === 'rescue') ? 'rescue' : 'root'
  return spec.kernel === null && disk.role === bootRole ? 1 : null
}
