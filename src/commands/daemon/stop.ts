import { commandFor } from '../../cli/command-for.ts'
import { daemonStop } from '../../cli/daemon-actions.ts'

export default commandFor(daemonStop, {
  done: ({ pid, stateDirectory }) => (pid === null ? `no daemon serves ${stateDirectory}` : `daemon ${pid} has ended`),
  examples: ['nova daemon stop', 'nova daemon stop --wait 10 --force'],
})
