/** What a server's record says once its guest was found in a power state. */
import type { Server } from '../../model/server.ts'
import type { PowerState, VmState } from '../../model/states.ts'

/** The stable state that a power state stands for. */
const vmStateOf: Partial<Record<PowerState, VmState>> = {
  running: 'active',
  paused: 'paused',
  shutdown: 'stopped',
  crashed: 'stopped',
  suspended: 'suspended',
}

/** The fields to change; a move and a soft-deleted server wait for their end whatever the guest does, and a rescue goes on while the guest runs. */
export function asFound({ vmState }: Pick<Server, 'vmState'>, powerState: PowerState): Partial<Server> {
  if (vmState === 'resized' || vmState === 'soft-delete') return { powerState }
  const stable = vmState === 'rescued' && powerState === 'running' ? 'rescued' : vmStateOf[powerState]
  return { powerState, ...(stable === undefined ? {} : { vmState: stable }) }
}
