import { add } from '../../actions/host/add.ts'
import { commandFor } from '../../cli/command-for.ts'

export default commandFor(add, {
  args: ['name'],
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
    'nova host add here',
    'nova host add fake-1 --driver fake',
    'nova host add here --virt-type qemu --reserved-memory-mb 2048',
  ],
})
