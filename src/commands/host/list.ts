import { list } from '../../actions/host/list.ts'
import { commandFor } from '../../cli/command-for.ts'

export default commandFor(list, {
  aliases: ['hypervisor-list', 'host-list'],
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
  sort: 'name',
  examples: ['nova host list', 'nova host list --zone az1 --status enabled', 'nova host list -f wide'],
})
