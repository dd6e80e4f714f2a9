import { object, z } from '../../core/schema.ts'
import { defineAction } from '../context.ts'

/** What the stored form is, as several answers have it. */
export const schemaFacts = z.strictObject({
  place: z.string(),
  schema: z.int().describe('changes of the stored form that the records have seen'),
  known: z.int().describe('changes that this program knows'),
  pending: z.array(z.string()).describe('changes that the next write or a sync makes'),
})

export const version = defineAction({
  name: 'db.version',
  summary: 'show where the records are and which form they have',
  effect: 'read',
  policy: 'admin',
  input: object({}),
  output: schemaFacts,
  async run(_, context) {
    const { pending, ...facts } = await (await context.upkeep()).facts()
    return { ...facts, pending: [...pending] }
  },
})
