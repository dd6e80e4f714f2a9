import { commandFor } from '../../cli/command-for.ts'
import { daemonRun } from '../../cli/daemon-actions.ts'

export default commandFor(daemonRun, { render: () => '', examples: ['nova daemon run --state /var/lib/novakit'] })
