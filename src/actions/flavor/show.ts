import { object, reference } from '../../core/schema.ts'
import { flavorView, viewOfFlavor } from '../../model/flavor.ts'
import { defineAction, reading } from '../context.ts'
import { findFlavor } from './find-flavor.ts'

export const show = defineAction({
  name: 'flavor.show',
  summary: 'show a flavor',
  effect: 'read',
  policy: 'reader',
  input: object({ flavor: reference().describe('name or id of the flavor') }),
  output: flavorView,
  run: (input, context) => reading(context, async (reader) => viewOfFlavor(await findFlavor(reader, input.flavor, context))),
})
