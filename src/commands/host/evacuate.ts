import { evacuate } from '../../actions/host/evacuate.ts'
import { commandFor } from '../../cli/command-for.ts'
import { somethingLeft } from '../../cli/exit-codes.ts'

export default commandFor(evacuate, {
  args: ['host'],
  aliases: ['host-evacuate'],
  ask: { host: { list: 'host.list' } },
  columns: ['server', 'result', 'to', 'reason'],
  wide: ['id', 'from'],
  exitCode: (rows) => (rows.some(({ result }) => result === 'left') ? somethingLeft : 0),
  examples: [
    'nova host evacuate kvm1 --plan --i-checked-it-is-off "alice: PDU port 4 is off"',
    'nova host evacuate kvm1 --i-checked-it-is-off "alice: PDU port 4 is off"',
  ],
})
