/** guest.json: everything needed to start a guest again, on its host, readable without any record of the controller. */
import { Fault } from '../core/fault.ts'
import { z } from '../core/schema.ts'
import { imageFormats } from '../model/image.ts'
import { nicKinds } from '../model/server.ts'
import type { GuestImage, GuestSpec } from './driver.ts'
import type { DriverContext } from './driver-context.ts'
import type { GuestDirectory } from './guest-directory.ts'

const size = z.int().min(0)
const image = z.strictObject({
  id: z.string().max(255),
  digest: z.string().regex(/^[0-9a-f]{64}$/),
  format: z.enum(imageFormats),
  size,
  virtualSize: size,
})
const disk = z.strictObject({
  role: z.enum(['root', 'ephemeral', 'swap', 'config', 'rescue', 'extra']),
  image: image.nullable(),
  bytes: size,
  bus: z.enum(['virtio', 'ide', 'scsi']),
  serial: z
    .string()
    .regex(/^[0-9a-f]{20}$/)
    .optional(),
})
const nic = z.strictObject({
  kind: z.enum(nicKinds),
  source: z.string().max(63).optional(),
  mac: z.string().regex(/^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/),
  sshPort: z.int().min(1).max(65_535).nullable(),
  model: z.enum(['virtio', 'e1000']),
})
const rate = size.nullable()
const nicLimit = z.strictObject({ average: size, peak: rate, burst: rate }).nullable()
const hardware = z.strictObject({
  firmware: z.enum(['bios', 'uefi', 'uefi-secure']),
  display: z.literal('vnc').nullable(),
  video: z.enum(['virtio', 'vga', 'cirrus', 'qxl', 'bochs']).nullable(),
  tpm: z.strictObject({ model: z.enum(['tis', 'crb']), version: z.enum(['1.2', '2.0']) }).nullable(),
  watchdog: z.enum(['reset', 'poweroff', 'pause', 'none']).nullable(),
  topology: z.strictObject({ sockets: size, cores: size, threads: size }).nullable(),
  cpuShares: rate,
  cpuPeriod: rate,
  cpuQuota: rate,
  disk: z
    .strictObject({ readBytes: rate, writeBytes: rate, totalBytes: rate, readOps: rate, writeOps: rate, totalOps: rate })
    .nullable(),
  inbound: nicLimit,
  outbound: nicLimit,
  cells: z.array(z.strictObject({ cpus: z.array(size).max(1024), memoryMb: size })).max(64),
  pageSizeKb: z.union([size, z.literal('large')]).nullable(),
  pinned: z.boolean(),
  multiqueue: z.boolean(),
  hidden: z.boolean(),
})
const spec = z.strictObject({
  id: z.string().max(36),
  name: z.string().max(255),
  vcpus: z.int().min(1).max(1024),
  ram: z.int().min(1),
  machine: z.enum(['pc', 'q35']),
  virtType: z.enum(['auto', 'kvm', 'qemu']),
  cpuModel: z.string().max(2048).nullable(),
  disks: z.array(disk).max(64),
  nics: z.array(nic).max(32),
  kernel: z.strictObject({ kernel: image, ramdisk: image.nullable(), commandLine: z.string().max(4096) }).nullable(),
  rng: z.boolean(),
  hardware: hardware.optional(),
})
const layout = z.strictObject({
  ports: size,
  places: z.array(z.strictObject({ key: z.string().max(64), bus: z.string().max(64), address: z.string().max(16) })).max(96),
})
const record = z.strictObject({
  spec,
  rescue: image.nullable(),
  machineType: z.string().max(64).optional(),
  layout: layout.optional(),
})

/** Where a guest that goes on, and does not boot, has what came after its start; a place by MAC address or serial. */
export type DeviceLayout = z.infer<typeof layout>

/** A guest's definition and the image it is rescued with, if it is. */
export interface GuestRecord {
  readonly spec: GuestSpec
  readonly rescue: GuestImage | null
  /** The versioned machine type of its first boot, where the hypervisor names one. */
  readonly machineType?: string | undefined
  /** Written when its memory leaves the process, for the next one. */
  readonly layout?: DeviceLayout | undefined
}

/** What the host knows of the guest; undefined when it was never spawned there. `internal` when the file is damaged. */
export async function readGuestRecord({ host }: DriverContext, paths: GuestDirectory): Promise<GuestRecord | undefined> {
  const bytes = await host.readFile(paths.record, { maxBytes: 256 * 1024 })
  if (bytes === undefined) return undefined
  const result = record.safeParse(parsed(bytes.toString('utf8')))
  if (result.success) return result.data
  throw new Fault('internal', `host ${host.name}: ${paths.record} is damaged`, {
    hint: 'rebuild the server or delete it',
    cause: result.error,
  })
}

export async function writeGuestRecord(
  { host }: Pick<DriverContext, 'host'>,
  paths: GuestDirectory,
  value: GuestRecord,
): Promise<void> {
  await host.writeFile(paths.record, `${JSON.stringify(value, null, 2)}\n`)
}

/**
 * A guest that has a record is another one from its next start on: its image and its kernel may be others than those that
 * it was spawned with. Resolves with what it is then, or undefined for one that was never spawned.
 */
export async function replaceSpec(
  context: DriverContext,
  paths: GuestDirectory,
  spec: GuestSpec,
): Promise<GuestRecord | undefined> {
  const known = await readGuestRecord(context, paths)
  if (known === undefined) return undefined
  const machineType = known.spec.machine === spec.machine ? known.machineType : undefined
  const record: GuestRecord = { spec, rescue: null, machineType }
  await writeGuestRecord(context, paths, record)
  return record
}

/** The spec as qemu gets it: in a rescue the rescue disk comes first and the guest's own kernel rests. */
export function bootSpec({ spec: own, rescue }: GuestRecord): GuestSpec {
  if (rescue === null) return own
  const bus = own.disks.find(({ role }) => role === 'root')?.bus ?? 'virtio'
  return { ...own, kernel: null, disks: [{ role: 'rescue', image: rescue, bytes: 0, bus }, ...own.disks] }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
