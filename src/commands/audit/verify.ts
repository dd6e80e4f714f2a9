import { verify } from '../../actions/audit/verify.ts'
import { commandFor } from '../../cli/command-for.ts'

export default commandFor(verify, { examples: ['nova audit verify', 'nova audit verify --json'] })
