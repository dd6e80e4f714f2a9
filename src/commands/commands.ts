import { commandFor } from '../cli/command-for.ts'
import { commandTable } from '../cli/command-table.ts'
import { defineLocal } from '../cli/local-action.ts'
import { list, object, text, z } from '../core/schema.ts'

const commands = defineLocal({
  name: 'commands.list',
  summary: 'list every command with its aliases',
  effect: 'read',
  policy: 'reader',
  input: object({}),
  output: list(z.object({ name: text(), aliases: list(text()), effect: text(), policy: text(), summary: text() })),
  run: async () =>
    (await commandTable.describe())
      .filter(({ hidden }) => !hidden)
      .map(({ id, aliases, effect, policy, summary }) => ({
        name: id.replaceAll(':', ' '),
        aliases: [...aliases],
        effect,
        policy,
        summary,
      })),
})

export default commandFor(commands, {
  columns: ['name', 'aliases', 'summary'],
  wide: ['effect', 'policy'],
  examples: ['nova commands -f name'],
})
