import { iso } from '../core/time.ts'
import type { CareTaken } from '../drivers/driver.ts'
import type { Server } from '../model/server.ts'
import type { PowerState, VmState } from '../model/states.ts'
import type { Flow, Step } from './flow.ts'
import { changeServer, onHost } from './server-steps.ts'

export interface AdoptState {
  /** What the host found when it noted the domain; null until then. */
  readonly care: CareTaken | null
}

/**
 * The host reads the domain, notes it and reads it again; a difference is a failure. Undone whatever is found: a note that
 * no record names would keep the domain from being adopted by others.
 */
const note: Step<AdoptState> = {
  name: 'note',
  async run(run) {
    return { state: { care: await onHost(run, 'adoptDomain', undefined) } }
  },
  async undo(run) {
    await onHost(run, 'releaseDomain', { insist: true })
    return { state: { care: null } }
  },
}

/** What a server that is found in a power state is said to be. */
const vmStateOf = (powerState: PowerState): VmState => {
  if (powerState === 'running') return 'active'
  return powerState === 'paused' || powerState === 'suspended' ? powerState : 'stopped'
}

/** Takes a domain of somebody else's into our care. Its record is there already, and goes when this is undone. */
export const adoptDomain: Flow<AdoptState> = {
  name: 'adopt-domain',
  action: 'adopt',
  steps: [note],
  async finish(tx, { care }, server, tools) {
    if (!server || !care) return
    const at = iso(tools.clock.wall())
    await changeServer(tx, server.id, {
      vmState: vmStateOf(care.powerState),
      powerState: care.powerState,
      taskState: null,
      updatedAt: at,
      launchedAt: at,
      adopted: withProof(server, { adoption: care.digests }),
    })
  },
  async giveUp(tx, _, server) {
    if (server) await tx.remove('servers', server.id)
  },
}

/** What the server keeps of its domain, with one more proof. */
export const withProof = ({ adopted }: Server, proof: Partial<NonNullable<Server['adopted']>>): Server['adopted'] =>
  adopted && { ...adopted, ...proof }
