import { show } from '../../actions/usage/show.ts'
import { commandFor } from '../../cli/command-for.ts'

export default commandFor(show, {
  args: ['project'],
  aliases: ['usage'],
  columns: ['projectId', 'servers', 'hours', 'vcpuHours', 'memoryMbHours', 'diskGbHours'],
  wide: ['start', 'end'],
  examples: ['nova usage', 'nova usage show demo --start 2026-01-01 --end 2026-02-01'],
})
