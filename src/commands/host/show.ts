import { show } from '../../actions/host/show.ts'
import { commandFor } from '../../cli/command-for.ts'

export default commandFor(show, {
  args: ['host'],
  aliases: ['hypervisor-show', 'host-describe'],
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
  examples: ['nova host show here'],
})
