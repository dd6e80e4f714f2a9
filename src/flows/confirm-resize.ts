import { iso } from '../core/time.ts'
import type { Flow, Step } from './flow.ts'
import { changeMigration, type MoveState } from './moving.ts'
import { changeServer, onHostNamed, setFault } from './server-steps.ts'

/** The point of no return of the whole move. A source that does not answer leaves it to be confirmed again. */
const dropSource: Step<MoveState> = {
  name: 'drop-source',
  async run(run) {
    await onHostNamed(run, run.state.sourceHost, 'dropAside', undefined)
    return undefined
  },
}

/** Keeps the server where it moved and destroys the copy it came from. */
export const confirmResize: Flow<MoveState> = {
  name: 'confirm-resize',
  action: 'confirm',
  steps: [dropSource],
  async finish(tx, state, server, tools) {
    await changeMigration(tx, state, 'confirmed', tools)
    if (!server) return
    const vmState = server.powerState === 'running' ? 'active' : 'stopped'
    await changeServer(tx, server.id, { vmState, taskState: null, fault: null, updatedAt: iso(tools.clock.wall()) })
  },
  async giveUp(tx, _, server, fault, tools) {
    if (server) await changeServer(tx, server.id, { taskState: null, ...setFault(fault, tools) })
  },
}
