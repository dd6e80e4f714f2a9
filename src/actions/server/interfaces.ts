import { object, reference, z } from '../../core/schema.ts'
import { interfaceView, viewOfNic } from '../../model/interface-view.ts'
import { defineAction } from '../context.ts'
import { readServer } from './server-flows.ts'

export const interfaces = defineAction({
  name: 'server.interfaces',
  summary: "list a server's network interfaces",
  effect: 'read',
  policy: 'reader',
  input: object({ server: reference().describe('name or id of the server') }),
  output: z.array(interfaceView),
  async run(input, context) {
    const { name, nics } = await readServer(input.server, context)
    return nics.map((nic) => viewOfNic(name, nic))
  },
})
