import { z } from '../core/schema.ts'
import { flavorView } from './flavor.ts'
import { type Server, serverRecord } from './server.ts'
import { statusOf } from './states.ts'

/** A server as callers see it. */
export const serverView = serverRecord
  .pick({
    id: true,
    name: true,
    vmState: true,
    taskState: true,
    powerState: true,
    host: true,
    availabilityZone: true,
    projectId: true,
    userId: true,
    hostname: true,
    keyName: true,
    imageId: true,
    groupId: true,
    configDrive: true,
    lockedBy: true,
    lockedReason: true,
    fault: true,
    createdAt: true,
    updatedAt: true,
    launchedAt: true,
    deletedAt: true,
    requestId: true,
  })
  .extend({
    status: z.string(),
    image: z.string().nullable(),
    flavor: z.string(),
    flavorDetails: flavorView.pick({
      id: true,
      name: true,
      ram: true,
      vcpus: true,
      disk: true,
      ephemeral: true,
      swap: true,
      extraSpecs: true,
    }),
    addresses: z.array(z.string()),
    sshPort: z.int().nullable(),
    metadata: z.unknown().describe('key and value pairs as an object'),
  })
export type ServerView = z.infer<typeof serverView>

export function viewOfServer(server: Server, imageName: string | null): ServerView {
  const { extraSpecs, ...flavor } = server.flavor
  const { generation, taskState, nics, metadata, hints, stateBeforeRescue, rescueImageId, machine, deleted, ...plain } = server
  return {
    ...plain,
    taskState,
    status: statusOf(server),
    image: imageName,
    flavor: flavor.name,
    flavorDetails: { ...flavor, extraSpecs: Object.fromEntries(extraSpecs) },
    addresses: nics.flatMap((nic) => (nic.address === null ? [] : [nic.address])),
    sshPort: nics.find((nic) => nic.sshPort !== null)?.sshPort ?? null,
    metadata: Object.fromEntries(metadata),
  }
}
