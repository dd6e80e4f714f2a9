import { commandFor } from '../../cli/command-for.ts'
import { daemonLogs } from '../../cli/daemon-actions.ts'

export default commandFor(daemonLogs, {
  render: ({ lines }) => lines.join('\n'),
  goesOn: ({ next }, { follow }) => (follow ? { since: next } : undefined),
  examples: ['nova daemon logs', 'nova daemon logs --follow', 'nova daemon logs --lines 500'],
})
