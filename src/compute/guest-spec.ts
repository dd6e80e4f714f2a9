import { Fault } from '../core/fault.ts'
import type { Pairs } from '../core/schema.ts'
import type { GuestDisk, GuestImage, GuestSpec } from '../drivers/driver.ts'
import { specOf } from '../model/flavor.ts'
import type { HostRecord } from '../model/host.ts'
import type { Image } from '../model/image.ts'
import type { ExtraDisk, Server } from '../model/server.ts'
import { guestHardware } from './guest-hardware.ts'

const gib = 1024 ** 3
const mib = 1024 ** 2

/** The images a server boots from: its own, and the kernel and ramdisk when that one names them. */
export interface BootImages {
  readonly image: Image | null
  readonly kernel: Image | null
  readonly ramdisk: Image | null
}

/** What the host must make of a server: flavor, image properties and network in the driver's words. */
export function guestSpec(
  server: Server,
  images: BootImages,
  host: Pick<HostRecord, 'virtType' | 'driver' | 'guestCpu'>,
): GuestSpec {
  const properties = images.image?.properties ?? []
  const kernel = images.image?.format === 'kernel' ? images.image : images.kernel
  return {
    id: server.id,
    name: server.hostname,
    vcpus: server.flavor.vcpus,
    ram: server.flavor.ram,
    machine: machineOf(properties),
    virtType: host.virtType,
    cpuModel: specOf(properties, 'hw_cpu_model') ?? host.guestCpu,
    disks: disksOf(server, images.image),
    nics: server.nics.map(({ kind, source, mac, sshPort }) => ({ kind, source, mac, sshPort, model: nicModelOf(properties) })),
    kernel: kernel && {
      kernel: guestImage(kernel),
      ramdisk: images.ramdisk && guestImage(images.ramdisk),
      commandLine: specOf(properties, 'os_command_line') ?? 'console=ttyS0 quiet',
    },
    rng: specOf(server.flavor.extraSpecs, 'hw_rng:allowed') !== 'False',
    ...(host.driver === 'libvirt' ? { hardware: hardwareOf(server, properties) } : {}),
  }
}

/** What its flavor and its image ask for beyond the plain guest; `invalid` for a value that cannot be. */
export const hardwareOf = ({ flavor }: Pick<Server, 'flavor'>, image: Pairs) =>
  guestHardware({ flavor: flavor.extraSpecs, image, vcpus: flavor.vcpus, ram: flavor.ram })

/** An image record in the driver's words; `conflict` when its bytes are not there yet. */
export function guestImage(image: Image): GuestImage {
  const { id, checksum, format, size, virtualSize } = image
  if (checksum === null || format === null || size === null)
    throw new Fault('conflict', `image ${image.name} has no data yet (${image.status})`)
  return { id, digest: checksum, format, size, virtualSize: virtualSize ?? size }
}

/** What the guest has: an extra disk once it was attached. */
const disksOf = (server: Server, image: Image | null): GuestDisk[] => [
  ...flavorDisks(server, image),
  ...server.disks.filter(({ attachedAt }) => attachedAt !== null).map(extraDisk),
]

/** The disks that come with a server, in the order in which its guest sees them. */
export function flavorDisks(server: Pick<Server, 'flavor' | 'configDrive'>, image: Image | null): GuestDisk[] {
  const bus = busOf(image?.properties ?? [])
  const { disk, ephemeral, swap } = server.flavor
  const bootable = image && image.format !== 'kernel' && image.format !== 'ramdisk' ? guestImage(image) : null
  const disks: GuestDisk[] = []
  if (bootable || disk > 0) disks.push({ role: 'root', image: bootable, bytes: disk * gib, bus })
  if (ephemeral > 0) disks.push({ role: 'ephemeral', image: null, bytes: ephemeral * gib, bus })
  if (swap > 0) disks.push({ role: 'swap', image: null, bytes: swap * mib, bus })
  if (server.configDrive) disks.push({ role: 'config', image: null, bytes: 0, bus })
  return disks
}

/** A disk of the server's own in the driver's words: always virtio, which every machine takes while it runs. */
export const extraDisk = ({ sizeGb, serial }: Pick<ExtraDisk, 'sizeGb' | 'serial'>): GuestDisk => ({
  role: 'extra',
  image: null,
  bytes: sizeGb * gib,
  bus: 'virtio',
  serial,
})

/** GiB that a server claims on its host: root (the image's size when the flavor says 0), ephemeral, swap and disks of its own. */
export function claimedDisk(
  flavor: Server['flavor'],
  image: Pick<Image, 'virtualSize'> | null,
  disks: readonly Pick<ExtraDisk, 'sizeGb'>[],
): number {
  const root = flavor.disk > 0 ? flavor.disk : Math.ceil((image?.virtualSize ?? 0) / gib)
  const extra = disks.reduce((sum, { sizeGb }) => sum + sizeGb, 0)
  return root + flavor.ephemeral + Math.ceil(flavor.swap / 1024) + extra
}

const oneOf = <T extends string>(value: string | undefined, allowed: readonly T[]): T | undefined =>
  allowed.find((word) => word === value)

function machineOf(properties: Pairs): GuestSpec['machine'] {
  const asked = specOf(properties, 'hw_machine_type')
  if (asked === undefined) return 'q35'
  const known = oneOf(
    asked.replace(/^pc-(q35|i440fx).*/, (_, kind) => (kind === 'q35' ? 'q35' : 'pc')),
    ['pc', 'q35'] as const,
  )
  if (known) return known
  throw new Fault('unsupported', `image property hw_machine_type is "${asked}", this driver makes pc and q35`)
}

function busOf(properties: Pairs): GuestDisk['bus'] {
  const asked = specOf(properties, 'hw_disk_bus') ?? 'virtio'
  const known = oneOf(asked, ['virtio', 'ide', 'scsi'] as const)
  if (known) return known
  throw new Fault('unsupported', `image property hw_disk_bus is "${asked}", known are virtio, ide and scsi`)
}

function nicModelOf(properties: Pairs): 'virtio' | 'e1000' {
  const asked = specOf(properties, 'hw_vif_model') ?? 'virtio'
  const known = oneOf(asked, ['virtio', 'e1000'] as const)
  if (known) return known
  throw new Fault('unsupported', `image property hw_vif_model is "${asked}", known are virtio and e1000`)
}
