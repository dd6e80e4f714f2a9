/** Disks of a domain. The format of every layer is named, so no header that a guest wrote decides what is opened. */
import type { DiskLimits, GuestHardware, GuestSpec } from '../driver.ts'
import { type PlacedDisk, placedDisks, serialOf } from '../guest-disk.ts'
import type { LibvirtPaths } from './guest-paths.ts'
import { element, when, type XmlElement } from './xml.ts'

/** Disks in the order of the spec, after the SCSI controller if one of them needs it. */
export function diskElements(spec: GuestSpec, hardware: GuestHardware, paths: LibvirtPaths): XmlElement[] {
  const disks = placedDisks(spec, paths)
  const isScsi = disks.some(({ disk }) => disk.bus === 'scsi')
  const names = targetNames(spec, disks)
  return [
    ...when(isScsi, element('controller', { type: 'scsi', index: 0, model: 'virtio-scsi' })),
    ...disks.map((placed, index) => diskElement(placed, names[index] ?? '', isBootDisk(placed, spec, disks), spec, hardware)),
  ]
}

/** What the domain calls one of the guest's disks: vda, sdb … */
export function diskTarget(spec: GuestSpec, paths: LibvirtPaths, { path }: PlacedDisk): string {
  const disks = placedDisks(spec, paths)
  return targetNames(spec, disks)[disks.findIndex((placed) => placed.path === path)] ?? ''
}

/** An extra disk, while the domain runs as in its definition. */
export const extraDiskElement = (placed: PlacedDisk, target: string, spec: GuestSpec, hardware: GuestHardware): XmlElement =>
  diskElement(placed, target, false, spec, hardware)

/** A name for another virtio disk beside those. */
export function freeTarget(used: readonly string[]): string {
  for (let index = 0; ; index += 1) if (!used.includes(`vd${letters(index)}`)) return `vd${letters(index)}`
}

function diskElement(placed: PlacedDisk, target: string, isBoot: boolean, spec: GuestSpec, hardware: GuestHardware): XmlElement {
  const { disk, path, format } = placed
  const isConfig = disk.role === 'config'
  // virtio knows no CD: there a config drive is a disk that cannot be written.
  const device = isConfig && disk.bus !== 'virtio' ? 'cdrom' : 'disk'
  const bus = busOf(disk.bus, spec)
  return element('disk', { type: 'file', device }, [
    element('driver', { name: 'qemu', type: format, discard: isConfig ? null : 'unmap' }),
    element('source', { file: path }),
    backing(placed),
    element('target', { dev: target, bus }),
    ...(isConfig || hardware.disk === null ? [] : iotune(hardware.disk)),
    ...when(isConfig, element('readonly')),
    element('serial', {}, serialOf(placed)),
    ...when(isBoot, element('boot', { order: 1 })),
  ])
}

/** The image below, down to the end of the chain: without an end libvirt would look into the file. */
function backing({ backing: image }: PlacedDisk): XmlElement {
  if (image === null) return element('backingStore')
  return element('backingStore', { type: 'file' }, [
    element('format', { type: image.format }),
    element('source', { file: image.path }),
    element('backingStore'),
  ])
}

/** q35 has no IDE: what a guest calls IDE there is SATA. */
const busOf = (bus: PlacedDisk['disk']['bus'], { machine }: GuestSpec) => (bus === 'ide' && machine === 'q35' ? 'sata' : bus)

function targetNames(spec: GuestSpec, disks: readonly PlacedDisk[]): string[] {
  const used = new Map<string, number>()
  return disks.map(({ disk }) => {
    const prefix = disk.bus === 'virtio' ? 'vd' : busOf(disk.bus, spec) === 'ide' ? 'hd' : 'sd'
    const index = used.get(prefix) ?? 0
    used.set(prefix, index + 1)
    return `${prefix}${letters(index)}`
  })
}

/** a to z, then aa, ab … */
const letters = (index: number): string =>
  (index < 26 ? '' : letters(Math.floor(index / 26) - 1)) + String.fromCharCode('a'.charCodeAt(0) + (index % 26))

function isBootDisk({ disk }: PlacedDisk, spec: GuestSpec, disks: readonly PlacedDisk[]): boolean {
  const bootRole = disks.some((other) => other.disk.role === 'rescue') ? 'rescue' : 'root'
  return spec.kernel === null && disk.role === bootRole
}

function iotune(limits: DiskLimits): XmlElement[] {
  const rows = [
    ['total_bytes_sec', limits.totalBytes],
    ['read_bytes_sec', limits.readBytes],
    ['write_bytes_sec', limits.writeBytes],
    ['total_iops_sec', limits.totalOps],
    ['read_iops_sec', limits.readOps],
    ['write_iops_sec', limits.writeOps],
  ] as const
  const children = rows.flatMap(([name, value]) => (value === null ? [] : [element(name, {}, value)]))
  return children.length === 0 ? [] : [element('iotune', {}, children)]
}
