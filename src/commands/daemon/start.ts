import { commandFor } from '../../cli/command-for.ts'
import { daemonStart } from '../../cli/daemon-actions.ts'

export default commandFor(daemonStart, {
  done: ({ pid, stateDirectory }) => `daemon ${pid} serves ${stateDirectory}`,
  examples: ['nova daemon start'],
})
