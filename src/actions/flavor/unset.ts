import { list, object, reference, text, z } from '../../core/schema.ts'
import { flavorView, viewOfFlavor } from '../../model/flavor.ts'
import { withoutKeys } from '../../model/pairs.ts'
import { defineAction, writing } from '../context.ts'
import { findFlavor } from './find-flavor.ts'

export const unset = defineAction({
  name: 'flavor.unset',
  summary: 'remove extra specs or the description of a flavor',
  effect: 'write',
  policy: 'admin',
  input: object({
    flavor: reference().describe('name or id of the flavor'),
    extraSpecs: list(text(), 128).default([]).describe('keys to remove'),
    description: z.boolean().default(false).describe('remove the description'),
  }),
  output: flavorView,
  run: (input, context) =>
    writing(context, 'flavor.unset', async (tx) => {
      const flavor = await findFlavor(tx, input.flavor, context)
      const changed = await tx.update('flavors', {
        ...flavor,
        extraSpecs: withoutKeys(flavor.extraSpecs, input.extraSpecs, `flavor "${flavor.name}"`),
        description: input.description ? null : flavor.description,
      })
      return viewOfFlavor(changed)
    }),
})
