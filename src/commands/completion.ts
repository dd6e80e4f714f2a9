import { commandFor } from '../cli/command-for.ts'
import { completionScript, shells } from '../cli/completion-script.ts'
import { defineLocal } from '../cli/local-action.ts'
import { object, z } from '../core/schema.ts'

const completion = defineLocal({
  name: 'completion.show',
  summary: "print a shell's completion script",
  effect: 'read',
  policy: 'reader',
  input: object({ shell: z.enum(shells).describe('which shell') }),
  output: z.object({ script: z.string() }),
  run: async ({ shell }) => ({ script: completionScript(shell) }),
})

export default commandFor(completion, {
  args: ['shell'],
  render: ({ script }) => script,
  examples: ['eval "$(nova completion bash)"', 'nova completion fish | source'],
})
