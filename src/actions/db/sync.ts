import { object } from '../../core/schema.ts'
import { defineAction } from '../context.ts'
import { schemaFacts } from './version.ts'

export const sync = defineAction({
  name: 'db.sync',
  summary: 'write the records in the newest form; makes them when there are none',
  effect: 'write',
  policy: 'admin',
  input: object({}),
  output: schemaFacts,
  async run(_, context) {
    const upkeep = await context.upkeep()
    if (!context.plan) await upkeep.sync()
    const { pending, ...facts } = await upkeep.facts()
    return { ...facts, pending: [...pending] }
  },
})
