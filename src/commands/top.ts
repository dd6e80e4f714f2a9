import { commandFor } from '../cli/command-for.ts'
import { renderTop } from '../cli/daemon-top.ts'
import { top } from '../cli/top-action.ts'

export default commandFor(top, {
  render: (look) => renderTop(look),
  examples: ['nova top', 'watch nova top', 'nova top --json'],
})
