import { enable } from '../../actions/service/enable.ts'
import { commandFor } from '../../cli/command-for.ts'
import { serviceColumns } from '../../cli/noun-views.ts'

export default commandFor(enable, {
  args: ['service'],
  aliases: ['service-enable'],
  ...serviceColumns,
  examples: ['nova service enable ctl1'],
})
