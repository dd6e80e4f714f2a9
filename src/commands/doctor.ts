import { run } from '../actions/doctor/run.ts'
import { commandFor } from '../cli/command-for.ts'

export default commandFor(run, {
  columns: ['code', 'severity', 'object', 'message', 'repair'],
  wide: ['fixed'],
  exitCode: (findings) => (findings.some((finding) => !finding.fixed) ? 1 : 0),
  examples: ['nova doctor', 'nova doctor --fix', 'nova doctor --json'],
})
