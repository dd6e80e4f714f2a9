import { rebalance } from '../../actions/host/rebalance.ts'
import { commandFor } from '../../cli/command-for.ts'

export default commandFor(rebalance, {
  aliases: ['rebalance'],
  columns: ['server', 'result', 'from', 'to', 'reason'],
  wide: ['id'],
  exitCode: (rows) => (rows.some(({ result }) => result === 'left') ? 1 : 0),
  examples: ['nova rebalance --plan', 'nova rebalance --yes', 'nova rebalance --plan --cold --tolerance 0.05'],
})
