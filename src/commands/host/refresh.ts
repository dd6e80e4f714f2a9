import { refresh } from '../../actions/host/refresh.ts'
import { commandFor } from '../../cli/command-for.ts'

export default commandFor(refresh, {
  args: ['hosts'],
  columns: [
    'name',
    'state',
    'vcpus',
    { key: 'memoryMb', label: 'RAM', unit: 'mib' },
    { key: 'diskGb', label: 'DISK', unit: 'gib' },
    'error',
  ],
  examples: ['nova host refresh', 'nova host refresh here'],
})
