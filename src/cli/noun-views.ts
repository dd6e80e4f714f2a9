/** The columns of each noun's table, the same for every verb that shows one. */

export const hostColumns = {
  columns: [
    'name',
    'status',
    'state',
    'zone',
    'servers',
    'vcpusUsed',
    'vcpus',
    { key: 'memoryMbUsed', label: 'RAM USED', unit: 'mib' },
    { key: 'memoryMb', label: 'RAM', unit: 'mib' },
    { key: 'diskGbUsed', label: 'DISK USED', unit: 'gib' },
    { key: 'diskGb', label: 'DISK', unit: 'gib' },
  ],
  wide: ['id', 'driver', 'address', 'hypervisorType', 'hypervisorVersion', 'accelerator', 'disabledReason', 'lastSeenAt'],
} as const

export const flavorColumns = {
  columns: ['id', 'name', 'ram', 'vcpus', 'disk', 'ephemeral', 'swap'],
  wide: ['isPublic', 'extraSpecs', 'description', 'createdAt'],
} as const

export const imageColumns = {
  columns: ['id', 'name', 'status', 'format', 'size', 'virtualSize', 'visibility'],
  wide: ['minRam', 'minDisk', 'protected', 'checksum', 'properties', 'createdAt'],
} as const

export const aggregateColumns = {
  columns: ['id', 'name', 'availabilityZone', 'hosts'],
  wide: ['metadata', 'createdAt'],
} as const

export const serverGroupColumns = {
  columns: ['id', 'name', 'policy', 'members'],
  wide: ['maxServerPerHost', 'projectId', 'createdAt'],
} as const

/** Nova's columns, with the name that the other commands take. */
export const serviceColumns = {
  columns: ['id', 'binary', 'host', 'zone', 'status', 'state', 'updatedAt', 'disabledReason'],
  wide: ['forcedDown', 'version'],
} as const
