import { archive } from '../../actions/db/archive.ts'
import { commandFor } from '../../cli/command-for.ts'
import { countsReport } from '../../cli/counts-report.ts'
import { somethingLeft } from '../../cli/exit-codes.ts'

export default commandFor(archive, {
  render: ({ servers, tables, busy, isComplete }) =>
    countsReport(`archived ${servers} deleted servers`, tables, [
      ...(busy > 0 ? [`${busy} deleted servers are still worked on: run it again later`] : []),
      ...(isComplete ? [] : ['there is more: run it again']),
    ]),
  exitCode: ({ isComplete, busy }) => (isComplete && busy === 0 ? 0 : somethingLeft),
  examples: ['nova db archive --before 2026-01-31', 'nova db archive --plan', 'nova db archive --max-rows 100000 --sleep 0.5'],
})
