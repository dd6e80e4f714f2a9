import { commandFor } from '../../cli/command-for.ts'
import { daemonReload } from '../../cli/daemon-actions.ts'

export default commandFor(daemonReload, {
  done: () => 'the daemon has read its settings again',
  examples: ['nova daemon reload'],
})
