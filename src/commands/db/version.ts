import { version } from '../../actions/db/version.ts'
import { commandFor } from '../../cli/command-for.ts'

export default commandFor(version, { examples: ['nova db version', 'nova db version --json'] })
