import { forceDown } from '../../actions/service/force-down.ts'
import { commandFor } from '../../cli/command-for.ts'
import { serviceColumns } from '../../cli/noun-views.ts'

export default commandFor(forceDown, {
  args: ['service'],
  aliases: ['service-force-down'],
  ...serviceColumns,
  examples: ['nova service force-down ctl1', 'nova service force-down ctl1 --unset'],
})
