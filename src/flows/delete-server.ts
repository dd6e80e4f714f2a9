import { iso } from '../core/time.ts'
import type { Flow, Step } from './flow.ts'
import { changeServer, onHost, serverOf, setFault } from './server-steps.ts'

/** A delete needs to remember nothing. */
export type DeleteState = null

/** A server that never got a host has nothing to destroy. */
const destroy: Step<DeleteState> = {
  name: 'destroy',
  async run(run) {
    const server = await run.tools.store.read((reader) => serverOf(reader, run.serverId))
    if (server.host !== null) await onHost(run, 'destroy', undefined)
    return undefined
  },
}

/** After this nothing of the server's secrets is left; only then does its record say deleted. */
const forget: Step<DeleteState> = {
  name: 'forget',
  async run({ tools, serverId }) {
    tools.vault.forget(serverId)
    return undefined
  },
}

/** Legal in every state; pre-empts whatever runs. Claims and quota go with the record, in one transaction. */
export const deleteServer: Flow<DeleteState> = {
  name: 'delete-server',
  action: 'delete',
  steps: [destroy, forget],
  async finish(tx, _, server, tools) {
    if (!server) return
    const at = iso(tools.clock.wall())
    await changeServer(tx, server.id, {
      vmState: 'deleted',
      taskState: null,
      powerState: 'shutdown',
      deleted: true,
      deletedAt: at,
      updatedAt: at,
      nics: server.nics.map((nic) => ({ ...nic, sshPort: null })),
    })
  },
  async giveUp(tx, _, server, fault, tools) {
    if (server) await changeServer(tx, server.id, { vmState: 'error', taskState: null, ...setFault(fault, tools) })
  },
}
