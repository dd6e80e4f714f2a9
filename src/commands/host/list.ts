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
    { key: 'memoryMbUsed', unit: 'mib' },
    { key: 'memoryMb', unit: 'mib' },
    { key: 'diskGbUsed', unit: 'gib' },
    { key: 'diskGb', unit: 'gib' },
  ],
  wide: ['id', 'driver', 'address', 'hypervisorType', 'hypervisorVersion', 'accelerator', 'disabledReason', 'lastSeenAt'],
  sort: 'name',
  examples: ['nova host list', 'nova host list --zone az1 --status enabled', 'nova host list -f wide'],
})
