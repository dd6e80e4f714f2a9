import { Fault } from '../../core/fault.ts'
import { object, z } from '../../core/schema.ts'
import { fromIso } from '../../core/time.ts'
import { changeServer, setFault } from '../../flows/server-steps.ts'
import { serverView } from '../../model/server-view.ts'
import { defineAction, writing } from '../context.ts'
import { serverViews } from './server-flows.ts'

export const failStuckBuilds = defineAction({
  name: 'server.fail-stuck-builds',
  summary: 'give up every build that takes longer than the setting instanceBuildTimeout',
  effect: 'write',
  policy: 'admin',
  input: object({}),
  output: z.array(serverView),
  async run(_input, context) {
    const { instanceBuildTimeout: seconds } = context.settings
    const until = context.clock.wall() - seconds * 1000
    const ids = await writing(context, 'server.fail-stuck-builds', async (tx) => {
      const servers = seconds === 0 ? [] : await tx.list('servers', { where: { deleted: false } })
      const stuck = servers.filter(({ vmState, createdAt }) => vmState === 'building' && fromIso(createdAt) <= until)
      for (const { id, name } of stuck) {
        // What its host may hold by now goes with the server: the host stays in the record.
        await context.flows.preempt(tx, id, 'instanceBuildTimeout')
        const fault = new Fault('timeout', `server ${name} was not built within ${seconds} s`)
        await changeServer(tx, id, { vmState: 'error', taskState: null, ...setFault(fault, context) })
      }
      return stuck.map(({ id }) => id)
    })
    return serverViews(ids, context)
  },
})
