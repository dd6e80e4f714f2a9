import { commandFor } from '../../cli/command-for.ts'
import { daemonUpgrade } from '../../cli/daemon-upgrade.ts'

export default commandFor(daemonUpgrade, {
  done: ({ before, after, stateDirectory }) =>
    `daemon ${after.pid} (${after.version}) serves ${stateDirectory} in place of ${before.pid} (${before.version})`,
  examples: ['nova daemon upgrade --plan', 'nova daemon upgrade'],
})
