import { object, pairs, reference, text, z } from '../../core/schema.ts'
import { flavorView, viewOfFlavor } from '../../model/flavor.ts'
import { withPairs } from '../../model/pairs.ts'
import { defineAction, writing } from '../context.ts'
import { findFlavor } from './find-flavor.ts'

export const set = defineAction({
  name: 'flavor.set',
  summary: 'change a flavor; servers made from it stay as they are',
  effect: 'write',
  policy: 'admin',
  input: object({
    flavor: reference().describe('name or id of the flavor'),
    extraSpecs: pairs().default([]).describe('key=value to add or replace'),
    description: text(65535).optional().describe('what it is for'),
    isPublic: z.boolean().optional().describe('false hides it from everybody but admins'),
  }),
  output: flavorView,
  run: (input, context) =>
    writing(context, 'flavor.set', async (tx) => {
      const flavor = await findFlavor(tx, input.flavor, context)
      const changed = await tx.update('flavors', {
        ...flavor,
        extraSpecs: withPairs(flavor.extraSpecs, input.extraSpecs, `flavor "${flavor.name}"`),
        description: input.description ?? flavor.description,
        isPublic: input.isPublic ?? flavor.isPublic,
      })
      return viewOfFlavor(changed)
    }),
})
