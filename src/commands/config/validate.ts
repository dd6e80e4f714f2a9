import { validate } from '../../actions/config/validate.ts'
import { commandFor } from '../../cli/command-for.ts'

export default commandFor(validate, {
  render: ({ problems }) => (problems.length === 0 ? 'settings.json and policy.json are valid' : problems.join('\n')),
  exitCode: ({ valid }) => (valid ? 0 : 2),
  examples: ['nova config validate'],
})
