import type { Server } from '../../src/model/server.ts'
import { aFlavor } from './a-flavor.ts'

/** An active server of project p1 on host h1. */
export function aServer(overrides: Partial<Server> = {}): Server {
  const { generation: _, isPublic: __, description: ___, createdAt, ...flavor } = aFlavor()
  return {
    id: 's1',
    generation: 1,
    projectId: 'p1',
    userId: 'alice',
    name: 'web-1',
    hostname: 'web-1',
    vmState: 'active',
    taskState: null,
    powerState: 'running',
    lockedBy: null,
    lockedReason: null,
    host: 'h1',
    availabilityZone: null,
    imageId: null,
    rootImageId: null,
    shelved: null,
    flavor,
    keyName: null,
    metadata: [],
    hints: [],
    groupId: null,
    configDrive: false,
    nics: [],
    disks: [],
    stateBeforeRescue: null,
    rescueImageId: null,
    stateBeforeDelete: null,
    machine: null,
    adopted: null,
    fault: null,
    requestId: 'req-1',
    deleted: false,
    createdAt,
    updatedAt: createdAt,
    launchedAt: createdAt,
    deletedAt: null,
    ...overrides,
  }
}
