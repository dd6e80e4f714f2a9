import { object, reference, z } from '../../core/schema.ts'
import { detachDisk } from '../../flows/attach-disk.ts'
import { changeServer } from '../../flows/server-steps.ts'
import { diskView } from '../../model/disk-view.ts'
import { guard } from '../../model/guards.ts'
import { defineAction, reading } from '../context.ts'
import { diskOf } from './add-disk.ts'
import { diskViews } from './list-disks.ts'
import { waitField } from './operate.ts'
import { operate } from './server-flows.ts'

export const removeDisk = defineAction({
  name: 'server.remove-disk',
  summary: 'take an extra disk from a server and destroy what is on it; a running guest must let go of it',
  effect: 'destroy',
  policy: 'member',
  input: object({
    server: reference().describe('name or id of the server'),
    disk: reference().describe('name, id or serial of the disk, as in nova server list-disks'),
    wait: waitField,
  }),
  output: z.array(diskView).describe('the disks that it has left'),
  async run(input, context) {
    const [id = ''] = await operate([input.server], 'remove-disk', input.wait, context, async (tx, server, own) => {
      guard('remove-disk', server)
      const disk = diskOf(server, input.disk)
      await changeServer(tx, server.id, { taskState: 'detaching_disk' })
      return context.flows.begin(tx, detachDisk, { state: { disk }, server, call: context, own })
    })
    return reading(context, (reader) => diskViews(reader, id))
  },
})
