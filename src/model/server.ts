import { faultKinds } from '../core/fault.ts'
import { z } from '../core/schema.ts'
import { adoptedRecord } from './adopted.ts'
import { flavorCopy } from './flavor.ts'
import { taskStates, vmStates } from './states.ts'

const pairsRecord = z.array(z.tuple([z.string(), z.string()]))

/**
 * How a nic is connected: `user` is the hypervisor's own user-mode network, `bridge` a bridge of the host and
 * `network` a network of its libvirt.
 */
export const nicKinds = ['user', 'bridge', 'network'] as const
export type NicKind = (typeof nicKinds)[number]

/** One network interface of a server. */
export const nicRecord = z.object({
  kind: z.enum(nicKinds),
  /** Name of the bridge or the network on the host. */
  source: z.string().optional(),
  mac: z.string(),
  /** The guest's address, when the host knows it. */
  address: z.string().nullable(),
  /** TCP port on the host that leads to the guest's ssh port. */
  sshPort: z.int().nullable(),
})

/** A disk that a server got besides those of its flavor. It is not older than its server and goes with it. */
export const diskRecord = z.object({
  id: z.string(),
  name: z.string(),
  sizeGb: z.int(),
  /** By which the guest knows it. */
  serial: z.string(),
  /** Null until the guest has it; its host is claimed before. */
  attachedAt: z.string().nullable(),
})

export const serverRecord = z.object({
  id: z.string(),
  generation: z.int(),
  projectId: z.string(),
  userId: z.string(),
  name: z.string(),
  hostname: z.string(),
  vmState: z.enum(vmStates),
  taskState: z.enum(taskStates).nullable(),
  powerState: z.enum(['pending', 'running', 'paused', 'shutdown', 'crashed', 'suspended']),
  /** Who locked it, or null. */
  lockedBy: z.enum(['owner', 'admin']).nullable(),
  lockedReason: z.string().nullable(),
  /** The host that holds its claim and its disks; null before placing and after a failed boot. */
  host: z.string().nullable(),
  /** The zone asked for, not the one it is in. */
  availabilityZone: z.string().nullable(),
  imageId: z.string().nullable(),
  /** The image below its root disk where that is another one: after a shelve, the shelved image, also once that is deleted. */
  rootImageId: z.string().nullable(),
  /** While it is shelved: the image that holds its disk, and since when. */
  shelved: z.object({ imageId: z.string(), at: z.string() }).nullable(),
  flavor: flavorCopy,
  keyName: z.string().nullable(),
  metadata: pairsRecord,
  /** Scheduler hints as asked. */
  hints: z.array(z.tuple([z.string(), z.string()])),
  groupId: z.string().nullable(),
  configDrive: z.boolean(),
  nics: z.array(nicRecord),
  disks: z.array(diskRecord),
  /** vm_state to return to from rescue. */
  stateBeforeRescue: z.enum(vmStates).nullable(),
  rescueImageId: z.string().nullable(),
  /** vm_state that it had when it was soft deleted; then `deletedAt` is since when. */
  stateBeforeDelete: z.enum(vmStates).nullable(),
  machine: z.string().nullable(),
  /** Set for a domain of somebody else's that was taken into our care as it is. */
  adopted: adoptedRecord.nullable(),
  fault: z.object({ kind: z.enum(faultKinds), message: z.string(), at: z.string() }).nullable(),
  requestId: z.string(),
  deleted: z.boolean(),
  createdAt: z.string(),
  updatedAt: z.string(),
  launchedAt: z.string().nullable(),
  deletedAt: z.string().nullable(),
})
export type Server = z.infer<typeof serverRecord>
export type Nic = z.infer<typeof nicRecord>
export type ExtraDisk = z.infer<typeof diskRecord>
