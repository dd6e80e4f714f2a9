import { list } from '../../actions/host/list.ts'
import { commandFor } from '../../cli/command-for.ts'
import { hostColumns } from '../../cli/noun-views.ts'

export default commandFor(list, {
  aliases: ['hypervisor-list', 'host-list'],
  ...hostColumns,
  sort: 'name',
  examples: ['nova host list', 'nova host list --zone az1 --status enabled', 'nova host list -f wide'],
})
