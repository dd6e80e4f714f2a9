import { disable } from '../../actions/service/disable.ts'
import { commandFor } from '../../cli/command-for.ts'
import { serviceColumns } from '../../cli/noun-views.ts'

export default commandFor(disable, {
  args: ['service'],
  aliases: ['service-disable'],
  ...serviceColumns,
  examples: ['nova service disable ctl1 --reason "new memory"'],
})
