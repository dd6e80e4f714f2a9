import { object, z } from '../../core/schema.ts'
import { flavorView, viewOfFlavor } from '../../model/flavor.ts'
import { defineAction, writing } from '../context.ts'
import { findEach, ifExists, references } from '../find-each.ts'
import { findFlavor } from './find-flavor.ts'

/** Servers keep a copy of their flavor, so that any flavor may go. */
export const remove = defineAction({
  name: 'flavor.delete',
  summary: 'delete flavors; servers keep what they were made with',
  effect: 'destroy',
  policy: 'admin',
  input: object({ flavors: references('flavors'), ifExists: ifExists() }),
  output: z.array(flavorView),
  run: (input, context) =>
    writing(context, 'flavor.delete', async (tx) => {
      const flavors = await findEach(input.flavors, input.ifExists, (flavor) => findFlavor(tx, flavor, context))
      for (const flavor of flavors) await tx.remove('flavors', flavor.id)
      return flavors.map(viewOfFlavor)
    }),
})
