/** `nova top`: one look at the daemon's gauges. */
import { object } from '../core/schema.ts'
import { daemonTop } from './daemon-top.ts'
import { defineLocal } from './local-action.ts'

export const top = defineLocal({
  name: 'daemon.top',
  summary: 'show what the daemon does: calls, operations, servers by state, hosts',
  effect: 'read',
  policy: 'admin',
  input: object({}),
  output: daemonTop,
  async run(_input, call) {
    const { askDaemon } = await import('../main/daemon-control.ts')
    return daemonTop.parse(await askDaemon(call.target().stateDirectory, 'daemon.top'))
  },
})
