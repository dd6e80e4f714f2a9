import { Fault } from '../../core/fault.ts'
import { object, z } from '../../core/schema.ts'
import { defineAction } from '../context.ts'

export const verify = defineAction({
  name: 'audit.verify',
  summary: 'check that no line of the audit log was changed, removed or slipped in',
  effect: 'read',
  policy: 'admin',
  input: object({}),
  output: z.object({ lines: z.number(), unlinked: z.number(), head: z.string() }),
  async run(_, context) {
    const { problems, ...report } = await context.verifyAudit()
    const [first] = problems
    if (!first) return report
    const more = problems.length > 1 ? ` and ${problems.length - 1} more lines` : ''
    throw new Fault('conflict', `the audit log does not continue at line ${first.line}${more}: ${first.problem}`, {
      hint: 'compare it with a copy; somebody with the rights of its owner has written to it',
      details: { ...report, problems },
    })
  },
})
