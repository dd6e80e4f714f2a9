import { explain } from '../../actions/config/explain.ts'
import { commandFor } from '../../cli/command-for.ts'

export default commandFor(explain, { args: ['key'], examples: ['nova config explain cpuAllocationRatio'] })
