import { list } from '../../actions/service/list.ts'
import { commandFor } from '../../cli/command-for.ts'
import { serviceColumns } from '../../cli/noun-views.ts'

export default commandFor(list, {
  aliases: ['service-list'],
  ...serviceColumns,
  examples: ['nova service list', 'nova service list --host kvm1'],
})
