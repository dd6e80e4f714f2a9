import { unset } from '../../actions/host/unset.ts'
import { commandFor } from '../../cli/command-for.ts'

export default commandFor(unset, {
  args: ['host'],
  ask: { host: { list: 'host.list' } },
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
  examples: ['nova host unset here --cpu-allocation-ratio'],
})
