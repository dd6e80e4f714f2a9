/** Servers of a realistic size for benchmarks: about 1.2 KB of JSON. */
import type { Server } from '../../src/model/server.ts'

export const benchServerId = (n: number) => `${n.toString(16).padStart(8, '0')}-5b1e-4f6a-9c3d-000000000000`

export function benchServer(n: number): Omit<Server, 'generation'> {
  const id = benchServerId(n)
  const time = '2026-01-01T00:00:00.000Z'
  return {
    ...{ id, projectId: `project-${n % 50}`, userId: `user-${n % 200}`, name: `web-${n}`, hostname: `web-${n}` },
    ...{ vmState: 'active', taskState: null, powerState: 'running', lockedBy: null, lockedReason: null },
    ...{ host: `host-${n % 100}`, availabilityZone: null, imageId: '7f0c2f4e-1d2b-4c5a-8e6f-1234567890ab' },
    flavor: { id: '2', name: 'm1.small', ram: 2048, vcpus: 1, disk: 20, ephemeral: 0, swap: 0, extraSpecs: [] },
    ...{ keyName: 'default', hints: [], groupId: null, configDrive: true },
    metadata: [
      ['role', 'web'],
      ['owner', `team-${n % 20}`],
    ],
    disks: [],
    nics: [{ kind: 'user', mac: 'fa:16:3e:00:00:01', address: '10.0.2.15', sshPort: 20_000 + (n % 10_000) }],
    ...{
      stateBeforeRescue: null,
      stateBeforeDelete: null,
      rescueImageId: null,
      rootImageId: null,
      shelved: null,
      machine: 'pc-q35-7.2',
      adopted: null,
      fault: null,
    },
    ...{ requestId: `req-${n}`, deleted: false, createdAt: time, updatedAt: time, launchedAt: time, deletedAt: null },
  }
}
