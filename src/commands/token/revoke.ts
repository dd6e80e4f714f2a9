import { revoke } from '../../actions/token/revoke.ts'
import { commandFor } from '../../cli/command-for.ts'

export default commandFor(revoke, {
  args: ['id'],
  done: ({ name }) => `token ${name} is revoked`,
  examples: ['nova token revoke 0c9d2a4e'],
})
