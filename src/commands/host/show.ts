import { show } from '../../actions/host/show.ts'
import { commandFor } from '../../cli/command-for.ts'
import { hostColumns } from '../../cli/noun-views.ts'

export default commandFor(show, {
  args: ['host'],
  aliases: ['hypervisor-show', 'host-describe'],
  ask: { host: { list: 'host.list' } },
  ...hostColumns,
  examples: ['nova host show here'],
})
