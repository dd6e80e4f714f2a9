import { object, z } from '../../core/schema.ts'
import { defineAction } from '../context.ts'

export const validate = defineAction({
  name: 'config.validate',
  summary: 'check settings.json and policy.json as they are on the disk now',
  effect: 'read',
  policy: 'admin',
  input: object({}),
  output: z.strictObject({ valid: z.boolean(), problems: z.array(z.string()) }),
  async run(_input, context) {
    const problems = await context.checkConfiguration()
    return { valid: problems.length === 0, problems }
  },
})
