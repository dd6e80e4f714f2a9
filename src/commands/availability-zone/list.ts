import { list } from '../../actions/availability-zone/list.ts'
import { commandFor } from '../../cli/command-for.ts'

export default commandFor(list, {
  aliases: ['availability-zone-list'],
  columns: ['name', 'state', 'hosts'],
  examples: ['nova availability-zone list'],
})
