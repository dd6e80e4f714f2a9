import { object, text, z } from '../../core/schema.ts'
import { defineAction } from '../context.ts'

export const show = defineAction({
  name: 'config.show',
  summary: 'show the settings in force and where each one comes from',
  effect: 'read',
  policy: 'admin',
  input: object({
    changed: z.boolean().default(false).describe('only settings that differ from their defaults'),
    like: text(64).optional().describe('only settings whose names contain this'),
  }),
  output: z.array(z.strictObject({ key: z.string(), value: z.unknown(), default: z.unknown(), from: z.string() })),
  async run({ changed, like }, context) {
    return context.settingSources().filter(({ key, from }) => {
      if (like !== undefined && !key.toLowerCase().includes(like.toLowerCase())) return false
      return !changed || from !== 'default'
    })
  },
})
