/** Things as Nova's notifications show them: Nova's field names, no secrets, no user data. */
import type { FaultRecord } from '../core/fault.ts'
import type { FlowRecord } from '../model/flow.ts'
import type { HostRecord } from '../model/host.ts'
import type { Image } from '../model/image.ts'
import type { Keypair } from '../model/keypair.ts'
import type { Aggregate, ServerGroup } from '../model/placement.ts'
import type { Server } from '../model/server.ts'
import { powerStates } from '../model/states.ts'

export type Payload = Readonly<Record<string, unknown>>

export const instancePayload = (server: Server): Payload => ({
  tenant_id: server.projectId,
  user_id: server.userId,
  instance_id: server.id,
  display_name: server.name,
  hostname: server.hostname,
  reservation_id: server.requestId,
  state: server.vmState,
  state_description: server.taskState ?? '',
  power_state: powerStates[server.powerState],
  host: server.host,
  node: server.host,
  availability_zone: server.availabilityZone,
  instance_type: server.flavor.name,
  instance_type_id: server.flavor.id,
  memory_mb: server.flavor.ram,
  vcpus: server.flavor.vcpus,
  root_gb: server.flavor.disk,
  ephemeral_gb: server.flavor.ephemeral,
  disk_gb: server.flavor.disk + server.flavor.ephemeral,
  image_meta: { base_image_ref: server.imageId },
  metadata: Object.fromEntries(server.metadata),
  created_at: server.createdAt,
  launched_at: server.launchedAt,
  deleted_at: server.deletedAt,
  terminated_at: server.deletedAt,
})

/** What is left to say of a server that is not at hand. */
export const operationPayload = ({ serverId, label, projectId, actor }: FlowRecord): Payload => ({
  tenant_id: projectId,
  user_id: actor,
  instance_id: serverId,
  display_name: label,
})

/** What went wrong. */
export const faultPayload = (fault: FaultRecord | null): Payload =>
  fault === null ? {} : { exception: fault.kind, message: fault.message }

export const servicePayload = (host: HostRecord): Payload => ({
  host: host.name,
  binary: 'nova-compute',
  driver: host.driver,
  disabled: !host.enabled,
  disabled_reason: host.disabledReason,
  state: host.inventory === null ? 'down' : 'up',
})

export const imagePayload = (image: Image): Payload => ({
  tenant_id: image.projectId,
  id: image.id,
  name: image.name,
  status: image.status,
  visibility: image.visibility,
  disk_format: image.format,
  size: image.size,
  checksum: image.checksum,
  min_ram: image.minRam,
  min_disk: image.minDisk,
  protected: image.protected,
})

export const keypairPayload = ({ userId, name, fingerprint }: Keypair): Payload => ({
  user_id: userId,
  key_name: name,
  fingerprint,
})

export const aggregatePayload = (aggregate: Aggregate): Payload => ({
  aggregate_id: aggregate.id,
  name: aggregate.name,
  hosts: aggregate.hosts,
  meta_data: Object.fromEntries(aggregate.metadata),
})

export const groupPayload = (group: ServerGroup): Payload => ({
  tenant_id: group.projectId,
  server_group_id: group.id,
  name: group.name,
  policy: group.policy,
})
