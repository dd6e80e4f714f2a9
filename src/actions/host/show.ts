import { object, reference } from '../../core/schema.ts'
import { hostView, inventory } from '../../model/host.ts'
import { defineAction, reading } from '../context.ts'
import { find } from '../find.ts'
import { viewOfOne } from './host-use.ts'

export const show = defineAction({
  name: 'host.show',
  summary: 'show a host with its inventory',
  effect: 'read',
  policy: 'admin',
  input: object({ host: reference().describe('name or id of the host') }),
  output: hostView.extend({ inventory: inventory.nullable() }),
  run: (input, context) =>
    reading(context, async (reader) => {
      const host = await find(reader, 'hosts', input.host, context)
      return { ...(await viewOfOne(reader, host, context)), inventory: host.inventory }
    }),
})
