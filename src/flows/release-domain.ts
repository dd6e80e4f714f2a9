import { iso } from '../core/time.ts'
import { type AdoptState, withProof } from './adopt-domain.ts'
import type { Flow, Step } from './flow.ts'
import { changeServer, onHost, setFault } from './server-steps.ts'

/** The host reads the domain, removes its note and reads again. Undone, the domain is noted as it was. */
const release: Step<AdoptState> = {
  name: 'release',
  async run(run) {
    return { state: { care: await onHost(run, 'releaseDomain', { insist: false }) } }
  },
  async undo(run) {
    await onHost(run, 'adoptDomain', undefined)
    return { state: { care: null } }
  },
}

/** Lets an adopted domain go: it stays as it is, the server is soft deleted, claims and quota go with its record. */
export const releaseDomain: Flow<AdoptState> = {
  name: 'release-domain',
  action: 'release',
  steps: [release],
  async finish(tx, { care }, server, tools) {
    if (!server || !care) return
    const at = iso(tools.clock.wall())
    await changeServer(tx, server.id, {
      vmState: 'deleted',
      taskState: null,
      deleted: true,
      deletedAt: at,
      updatedAt: at,
      powerState: care.powerState,
      adopted: withProof(server, { release: care.digests }),
    })
  },
  async giveUp(tx, _, server, fault, tools) {
    if (server) await changeServer(tx, server.id, { taskState: null, ...setFault(fault, tools) })
  },
}
