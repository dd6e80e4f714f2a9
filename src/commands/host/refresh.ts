import { refresh } from '../../actions/host/refresh.ts'
import { commandFor } from '../../cli/command-for.ts'

export default commandFor(refresh, {
  args: ['hosts'],
  columns: ['name', 'state', 'vcpus', { key: 'memoryMb', unit: 'mib' }, { key: 'diskGb', unit: 'gib' }, 'error'],
  examples: ['nova host refresh', 'nova host refresh here'],
})
