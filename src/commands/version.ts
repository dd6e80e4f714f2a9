import { commandFor } from '../cli/command-for.ts'
import { commandTable } from '../cli/command-table.ts'
import { defineLocal } from '../cli/local-action.ts'
import { object, z } from '../core/schema.ts'

const version = defineLocal({
  name: 'version.show',
  summary: 'show the version of nova, of node and of the JSON output',
  effect: 'read',
  policy: 'reader',
  input: object({}),
  output: z.object({ version: z.string(), node: z.string(), json: z.int() }),
  run: async () => ({ version: commandTable.version, node: process.version, json: 1 }),
})

export default commandFor(version, { examples: ['nova version --json'] })
