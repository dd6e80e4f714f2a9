import { Fault } from '../../core/fault.ts'
import { object, reference } from '../../core/schema.ts'
import { serverView } from '../../model/server-view.ts'
import { defineAction, reading } from '../context.ts'
import { find } from '../find.ts'
import { viewsOf } from './server-flows.ts'

export const show = defineAction({
  name: 'server.show',
  summary: 'show a server',
  effect: 'read',
  policy: 'reader',
  input: object({ server: reference().describe('name or id of the server') }),
  output: serverView,
  async run(input, context) {
    return reading(context, async (reader) => {
      const server = await find(reader, 'servers', input.server, context)
      const [view] = await viewsOf(reader, [server])
      if (view) return view
      throw new Fault('not-found', `server ${input.server} is gone`)
    })
  },
})
