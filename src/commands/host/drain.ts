import { drain } from '../../actions/host/drain.ts'
import { commandFor } from '../../cli/command-for.ts'
import { somethingLeft } from '../../cli/exit-codes.ts'

export default commandFor(drain, {
  args: ['host'],
  ask: { host: { list: 'host.list' } },
  columns: ['server', 'result', 'to', 'how', 'reason'],
  wide: ['id', 'from'],
  exitCode: (rows) => (rows.some(({ result }) => result === 'left') ? somethingLeft : 0),
  follow: () => 'nova migration list',
  examples: ['nova host drain kvm1 --plan', 'nova host drain kvm1 --reason "new memory"', 'nova host drain kvm1 --json'],
})
