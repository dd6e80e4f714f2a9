import { object, z } from '../../core/schema.ts'
import { openMigration } from '../../flows/moving.ts'
import { guard } from '../../model/guards.ts'
import { countedFlavor } from '../../model/migration.ts'
import type { Server } from '../../model/server.ts'
import { serverView } from '../../model/server-view.ts'
import type { Transaction } from '../../state/store.ts'
import { defineAction } from '../context.ts'
import { checkQuota } from '../quota/usage.ts'
import { beginOperation, serversField, waitField } from './operate.ts'
import { operate, serverViews } from './server-flows.ts'

export const restore = defineAction({
  name: 'server.restore',
  summary: 'bring soft-deleted servers back and start them, while their project has quota for them',
  effect: 'write',
  policy: 'member',
  input: object({ servers: serversField, wait: waitField }),
  output: z.array(serverView),
  async run(input, context) {
    const begin = async (tx: Transaction, server: Server, own: boolean) => {
      guard('restore', server)
      const { vcpus: cores, ram } = countedFlavor(server, await openMigration(tx, server.id))
      await checkQuota(tx, server.projectId, { instances: 1, cores, ram })
      return beginOperation(tx, 'restore', server, own, context)
    }
    return serverViews(await operate(input.servers, 'restore', input.wait, context, begin), context)
  },
})
