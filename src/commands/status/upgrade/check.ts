import { check } from '../../../actions/status/check.ts'
import { commandFor } from '../../../cli/command-for.ts'
import { statusTable } from '../../../cli/status-table.ts'

export default commandFor(check, {
  render: statusTable,
  exitCode: (results) =>
    results.some(({ result }) => result === 'Failure') ? 2 : results.some(({ result }) => result === 'Warning') ? 1 : 0,
  examples: ['nova status upgrade check', 'nova-status upgrade check --json'],
})
