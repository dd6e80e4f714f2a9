import { purge } from '../../actions/db/purge.ts'
import { commandFor } from '../../cli/command-for.ts'
import { countsReport } from '../../cli/counts-report.ts'

export default commandFor(purge, {
  render: ({ servers, tables, history }) => countsReport(`purged ${servers} archived servers`, tables, [history]),
  examples: ['nova db purge --before 2025-01-31 --yes', 'nova db purge --all --plan'],
})
