import { locate } from '../../actions/db/locate.ts'
import { commandFor } from '../../cli/command-for.ts'

export default commandFor(locate, {
  args: ['server'],
  examples: ['nova db locate 7a0c2f6e-3b52-4f0e-9a53-0f6c5c1d2e3f'],
})
