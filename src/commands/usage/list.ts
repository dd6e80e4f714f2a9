import { list } from '../../actions/usage/list.ts'
import { commandFor } from '../../cli/command-for.ts'

export default commandFor(list, {
  aliases: ['usage-list'],
  columns: ['projectId', 'servers', 'hours', 'vcpuHours', 'memoryMbHours', 'diskGbHours'],
  wide: ['start', 'end'],
  examples: ['nova usage list --start 2026-01-01'],
})
