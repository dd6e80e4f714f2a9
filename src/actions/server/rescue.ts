import { Fault } from '../../core/fault.ts'
import { object, reference } from '../../core/schema.ts'
import { serverView } from '../../model/server-view.ts'
import { defineAction } from '../context.ts'
import { find } from '../find.ts'
import { beginOperation, waitField } from './operate.ts'
import { operate, serverViews } from './server-flows.ts'

export const rescue = defineAction({
  name: 'server.rescue',
  summary: 'boot a server from a rescue image, with its own disk as the second one',
  effect: 'write',
  policy: 'member',
  input: object({
    server: reference().describe('name or id of the server'),
    image: reference().optional().describe("image to boot from; the server's own when not given"),
    wait: waitField,
  }),
  output: serverView,
  async run(input, context) {
    const ids = await operate([input.server], 'rescue', input.wait, context, async (tx, server, own) => {
      const imageId = input.image === undefined ? server.imageId : (await find(tx, 'images', input.image, context)).id
      if (imageId === null)
        throw new Fault('invalid', `server ${server.name} has no image to rescue from`, { hint: 'give one with --image' })
      return beginOperation(tx, 'rescue', server, own, context, { rescueImageId: imageId })
    })
    const [view] = await serverViews(ids, context)
    if (!view) throw new Fault('not-found', `server ${input.server} is gone`)
    return view
  },
})
