import { create } from '../../actions/server-group/create.ts'
import { commandFor } from '../../cli/command-for.ts'

export default commandFor(create, {
  args: ['name', 'policy'],
  aliases: ['server-group-create'],
  columns: ['id', 'name', 'policy', 'members'],
  wide: ['maxServerPerHost', 'projectId', 'createdAt'],
  examples: ['nova server-group create web anti-affinity', 'nova server-group create web anti-affinity --max-server-per-host 2'],
})
