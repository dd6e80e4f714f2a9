import { run } from '../actions/doctor/run.ts'
import { commandFor } from '../cli/command-for.ts'
import { somethingLeft } from '../cli/exit-codes.ts'
import { findingCases } from '../cli/findings-report.ts'

export default commandFor(run, {
  columns: ['code', 'severity', 'object', 'message', 'repair'],
  wide: ['fixed'],
  exitCode: (findings) => (findings.some((finding) => !finding.fixed) ? somethingLeft : 0),
  junit: findingCases,
  examples: ['nova doctor', 'nova doctor --fix', 'nova doctor --deep --json', 'nova doctor -f junit > doctor.xml'],
})
