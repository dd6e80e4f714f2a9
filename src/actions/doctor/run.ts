import { object, z } from '../../core/schema.ts'
import { findingView } from '../../model/finding.ts'
import { defineAction } from '../context.ts'
import { diagnose } from './diagnose.ts'
import { observe } from './look.ts'
import { repair } from './repair.ts'

export const run = defineAction({
  name: 'doctor.run',
  summary: 'compare the records with the hypervisors, and repair what differs',
  effect: 'write',
  policy: 'admin',
  input: object({ fix: z.boolean().default(false).describe('apply the repairs') }),
  output: z.array(findingView),
  async run(input, context) {
    const diagnoses = diagnose(await observe(context))
    const findings: z.infer<typeof findingView>[] = []
    for (const diagnosis of diagnoses) {
      const fixed = input.fix && (await repair(diagnosis, context))
      const { code, severity, object: about, message, repair: cure } = diagnosis
      findings.push({ code, severity, object: about, message, repair: cure, fixed })
    }
    return findings
  },
})
