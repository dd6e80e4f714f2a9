import { commandFor } from '../../cli/command-for.ts'
import { daemonStatus } from '../../cli/daemon-actions.ts'

export default commandFor(daemonStatus, {
  exitCode: ({ running }) => (running ? 0 : 3),
  examples: ['nova daemon status', 'nova daemon status --json'],
})
