import { restore } from '../../actions/db/restore.ts'
import { commandFor } from '../../cli/command-for.ts'

export default commandFor(restore, {
  done: ({ id, name }) => `server ${name} (${id}) is back among the deleted servers`,
  examples: ['nova db restore --server 7a0c2f6e-3b52-4f0e-9a53-0f6c5c1d2e3f'],
})
