import { resume } from '../../actions/operation/resume.ts'
import { commandFor } from '../../cli/command-for.ts'

export default commandFor(resume, {
  columns: ['id', 'action', 'serverId', 'status', 'error'],
  examples: ['nova operation resume'],
})
