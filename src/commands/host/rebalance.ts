import { rebalance } from '../../actions/host/rebalance.ts'
import { commandFor } from '../../cli/command-for.ts'
import { somethingLeft } from '../../cli/exit-codes.ts'

export default commandFor(rebalance, {
  aliases: ['rebalance'],
  columns: ['server', 'result', 'from', 'to', 'how', 'reason'],
  wide: ['id'],
  exitCode: (rows) => (rows.some(({ result }) => result === 'left') ? somethingLeft : 0),
  examples: ['nova rebalance --plan', 'nova rebalance --yes', 'nova rebalance --plan --cold --tolerance 0.05'],
})
