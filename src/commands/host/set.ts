import { set } from '../../actions/host/set.ts'
import { commandFor } from '../../cli/command-for.ts'

export default commandFor(set, {
  args: ['host'],
  aliases: ['host-update'],
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
  examples: [
    "nova host set here --disable --reason 'new disk'",
    'nova host set here --enable',
    'nova host set here --cpu-allocation-ratio 4',
  ],
})
