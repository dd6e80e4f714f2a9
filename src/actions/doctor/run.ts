import { asFault } from '../../core/fault.ts'
import { list, object, slug, z } from '../../core/schema.ts'
import { findingView } from '../../model/finding.ts'
import { type Context, defineAction } from '../context.ts'
import { diagnose } from './diagnose.ts'
import type { Diagnosis } from './diagnosis.ts'
import { observe } from './look.ts'
import { repair } from './repair.ts'

export const run = defineAction({
  name: 'doctor.run',
  summary: 'compare the records with the hypervisors, and repair what differs',
  effect: 'write',
  policy: 'admin',
  input: object({
    fix: z.boolean().default(false).describe('apply the repairs'),
    codes: list(slug(6), 50).default([]).describe('only these findings; all when left out'),
    deep: z.boolean().default(false).describe('read every cached image on the hosts too, at low priority'),
  }),
  output: z.array(findingView),
  async run(input, context) {
    const all = diagnose(await observe(context, input.deep))
    const diagnoses = input.codes.length === 0 ? all : all.filter(({ code }) => input.codes.some((wanted) => wanted === code))
    const findings: z.infer<typeof findingView>[] = []
    for (const diagnosis of diagnoses) {
      const fixed = input.fix && (await repaired(diagnosis, context))
      const { code, severity, object: about, message, repair: cure } = diagnosis
      findings.push({ code, severity, object: about, message, repair: cure, fixed })
    }
    return findings
  },
})

/** A repair that fails leaves its finding; the others are tried all the same. */
async function repaired(diagnosis: Diagnosis, context: Context): Promise<boolean> {
  try {
    return await repair(diagnosis, context)
  } catch (error) {
    context.progress({ type: 'note', message: `${diagnosis.code} ${diagnosis.object}: ${asFault(error).message}` })
    return false
  }
}
