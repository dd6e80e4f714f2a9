import { commandFor } from '../../cli/command-for.ts'
import { daemonLogs } from '../../cli/daemon-actions.ts'

export default commandFor(daemonLogs, {
  render: ({ lines }) => lines.join('\n'),
  examples: ['nova daemon logs', 'nova daemon logs --lines 500'],
})
