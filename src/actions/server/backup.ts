import { count, name, object, reference, slug } from '../../core/schema.ts'
import { backupServer } from '../../flows/create-image.ts'
import { changeServer } from '../../flows/server-steps.ts'
import { guard } from '../../model/guards.ts'
import { imageView } from '../../model/image.ts'
import { defineAction } from '../context.ts'
import { viewOf } from './create-image.ts'
import { insertImage } from './image-record.ts'
import { waitField } from './operate.ts'
import { operate } from './server-flows.ts'

export const backup = defineAction({
  name: 'server.backup',
  summary: "make an image of a server's root disk and delete its oldest ones of that type",
  effect: 'write',
  policy: 'member',
  input: object({
    server: reference().describe('name or id of the server'),
    name: name().describe('name of the image'),
    type: slug().describe('backups of one type replace each other: daily, weekly …'),
    rotation: count(1, 1000).describe('how many of that type stay, the new one included'),
    wait: waitField,
  }),
  output: imageView,
  async run(input, context) {
    let imageId = ''
    const { name, type, rotation } = input
    await operate([input.server], 'backup', input.wait, context, async (tx, server, own) => {
      guard('backup', server)
      const properties = [['backup_type', type]] as const
      imageId = (await insertImage(tx, server, { name, type: 'backup', properties }, context)).id
      await changeServer(tx, server.id, { taskState: 'image_backup' })
      const state = { imageId, digest: null, isKept: false, type, rotation, dropped: [] }
      return context.flows.begin(tx, backupServer, { state, server, call: context, own })
    })
    return viewOf(imageId, context)
  },
})
