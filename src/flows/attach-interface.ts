import { guestSpec } from '../compute/guest-spec.ts'
import { asFault } from '../core/fault.ts'
import type { GuestNic } from '../drivers/driver.ts'
import type { Nic, Server } from '../model/server.ts'
import type { Transaction } from '../state/store.ts'
import type { Flow, Step, StepRun } from './flow.ts'
import { bootImages } from './guest-steps.ts'
import { changeServer, hostOf, onHost, restEnds, serverOf } from './server-steps.ts'

/** The interface that comes or goes. */
export interface InterfaceState {
  readonly nic: Nic
}

type Run = StepRun<InterfaceState>

const withNic = ({ nics }: Server, nic: Nic) => [...nics.filter(({ mac }) => mac !== nic.mac), nic]
const changeNics = (run: Run, next: (server: Server) => Server['nics']) => ({
  commit: async (tx: Transaction) => changeServer(tx, run.serverId, { nics: next(await serverOf(tx, run.serverId)) }),
})
const added = (run: Run) => changeNics(run, (server) => withNic(server, run.state.nic))
const removed = (run: Run) => changeNics(run, ({ nics }) => nics.filter(({ mac }) => mac !== run.state.nic.mac))

/** In the words of the driver: its model is what the image asks for. */
async function guestNic(run: Run): Promise<GuestNic> {
  const images = await bootImages(run)
  return run.tools.store.read(async (reader) => {
    const server = await serverOf(reader, run.serverId)
    const { nics } = guestSpec({ ...server, nics: [run.state.nic] }, images, await hostOf(reader, server))
    const [nic] = nics
    return nic ?? { ...run.state.nic, model: 'virtio' }
  })
}

/** A guest that does not let go of it again keeps it, and then the record says so. */
const attach: Step<InterfaceState> = {
  name: 'attach',
  async run(run) {
    await onHost(run, 'attachNic', { nic: await guestNic(run) })
    return added(run)
  },
  async undo(run) {
    try {
      await onHost(run, 'detachNic', { mac: run.state.nic.mac })
      return removed(run)
    } catch (error) {
      const fault = asFault(error)
      // Without the capability nothing was attached.
      if (fault.kind === 'unsupported') return undefined
      if (fault.kind === 'timeout') return added(run)
      throw error
    }
  },
}

const detach: Step<InterfaceState> = {
  name: 'detach',
  async run(run) {
    await onHost(run, 'detachNic', { mac: run.state.nic.mac })
    return removed(run)
  },
  /** The answer may have been lost after it was done. */
  async undo(run) {
    await onHost(run, 'attachNic', { nic: await guestNic(run) }).catch((error: unknown) => {
      if (asFault(error).kind !== 'unsupported') throw error
    })
    return added(run)
  },
}

/** Plugs an interface into a server, whether it runs or not. */
export const attachInterface: Flow<InterfaceState> = {
  name: 'attach-interface-server',
  action: 'attachInterface',
  steps: [attach],
  ...restEnds,
}

/** Plugs an interface out of a server. */
export const detachInterface: Flow<InterfaceState> = {
  name: 'detach-interface-server',
  action: 'detachInterface',
  steps: [detach],
  ...restEnds,
}
