import { syncPowerStates } from '../../actions/server/sync-power-states.ts'
import { commandFor } from '../../cli/command-for.ts'
import { somethingLeft } from '../../cli/exit-codes.ts'

export default commandFor(syncPowerStates, {
  args: ['hosts'],
  columns: ['server', 'host', 'recorded', 'found', 'result', 'reason'],
  wide: ['id'],
  exitCode: (rows) => (rows.some(({ result }) => result === 'reported' || result === 'unreachable') ? somethingLeft : 0),
  examples: ['nova host sync-power-states', 'nova host sync-power-states kvm1 --json'],
})
