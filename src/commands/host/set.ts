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
    { key: 'memoryMbUsed', label: 'ram used', unit: 'mib' },
    { key: 'memoryMb', label: 'ram', unit: 'mib' },
    { key: 'diskGbUsed', label: 'disk used', unit: 'gib' },
    { key: 'diskGb', label: 'disk', unit: 'gib' },
  ],
  wide: ['id', 'driver', 'address', 'hypervisorType', 'hypervisorVersion', 'accelerator', 'disabledReason', 'lastSeenAt'],
  examples: [
    "nova host set here --disable --reason 'new disk'",
    'nova host set here --enable',
    'nova host set here --cpu-allocation-ratio 4',
  ],
})
