import { check } from '../../actions/db/check.ts'
import { commandFor } from '../../cli/command-for.ts'
import { somethingLeft } from '../../cli/exit-codes.ts'

export default commandFor(check, {
  render: ({ revision, records, archived, problems }) =>
    [
      `revision ${revision}: ${records} records and ${archived} archived servers, ${problems.length} problems`,
      ...problems.map(({ object, message }) => `${object}: ${message}`),
    ].join('\n'),
  exitCode: ({ problems }) => (problems.length > 0 ? somethingLeft : 0),
  examples: ['nova db check', 'nova db check --json'],
})
