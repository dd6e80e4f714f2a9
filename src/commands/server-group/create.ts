import { create } from '../../actions/server-group/create.ts'
import { commandFor } from '../../cli/command-for.ts'
import { serverGroupColumns } from '../../cli/noun-views.ts'

export default commandFor(create, {
  args: ['name', 'policy'],
  aliases: ['server-group-create'],
  ...serverGroupColumns,
  examples: ['nova server-group create web anti-affinity', 'nova server-group create web anti-affinity --max-server-per-host 2'],
})
