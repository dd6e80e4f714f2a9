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
    { key: 'memoryMbUsed', unit: 'mib' },
    { key: 'memoryMb', unit: 'mib' },
    { key: 'diskGbUsed', unit: 'gib' },
    { key: 'diskGb', unit: 'gib' },
  ],
  wide: ['id', 'driver', 'address', 'hypervisorType', 'hypervisorVersion', 'accelerator', 'disabledReason', 'lastSeenAt'],
  examples: ['nova host unset here --cpu-allocation-ratio'],
})
