import { journal } from '../../actions/doctor/journal.ts'
import { commandFor } from '../../cli/command-for.ts'
import { somethingLeft } from '../../cli/exit-codes.ts'

export default commandFor(journal, {
  render: ({ segments, survives, problems, tornBytes, start }) =>
    [
      `${segments} segments; whole revisions: ${survives.map(([first, last]) => `${first} to ${last}`).join(', ') || 'none'}`,
      ...(start ? [`revisions before ${start.revision} (${start.at}) were purged on ${start.purgedAt.slice(0, 10)}`] : []),
      ...(tornBytes > 0 ? [`${tornBytes} bytes of an unfinished transaction at the end`] : []),
      ...problems.map(({ file, message }) => `${file}: ${message}`),
    ].join('\n'),
  exitCode: ({ problems }) => (problems.length > 0 ? somethingLeft : 0),
  examples: ['nova doctor journal', 'nova doctor journal --json'],
})
