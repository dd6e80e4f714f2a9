import { evacuatePlan } from '../../actions/host/evacuate-plan.ts'
import { commandFor } from '../../cli/command-for.ts'

export default commandFor(evacuatePlan, {
  args: ['host'],
  aliases: ['host-evacuate-plan'],
  ask: { host: { list: 'host.list' } },
  columns: ['server', 'status', 'to', 'reason'],
  wide: ['id'],
  exitCode: (rows) => (rows.some(({ to }) => to === null) ? 1 : 0),
  examples: ['nova host evacuate-plan kvm1', 'nova host evacuate-plan kvm1 --to kvm2 --json'],
})
