/** Halting a guest, in memory or on disk, and letting it go on. */
import { Fault } from '../../core/fault.ts'
import type { DriverContext } from '../driver-context.ts'
import type { LibvirtPaths } from './guest-paths.ts'
import { domainStates, isActive } from './look.ts'
import { requireDomain, restoreSaved } from './start-guest.ts'
import { virsh } from './virsh.ts'

/** Writing the memory of a large guest to a slow disk. */
const saveMs = 600_000

/** Halts the guest's CPUs. */
export async function pauseGuest(context: DriverContext, id: string): Promise<void> {
  const { state } = await requireActive(context, id)
  if (state !== domainStates.paused) await virsh(context, [['suspend', id]])
}

export async function unpauseGuest(context: DriverContext, id: string): Promise<void> {
  const { state } = await requireActive(context, id)
  if (state === domainStates.paused) await virsh(context, [['resume', id]])
}

/** Saves the guest's memory and ends its process; it will run, not pause, when it goes on. */
export async function suspendGuest(context: DriverContext, id: string): Promise<void> {
  const domain = await requireDomain(context, id)
  if (domain.isSaved && !isActive(domain)) return
  if (!isActive(domain)) throw new Fault('conflict', `guest ${id} does not run: there is no memory to save`)
  await virsh(context, [['managedsave', id, '--running']], { deadlineMs: saveMs })
}

/** Goes on where the guest was suspended; one that is only halted goes on too. */
export async function resumeGuest(context: DriverContext, paths: LibvirtPaths, id: string): Promise<void> {
  const domain = await requireDomain(context, id)
  if (domain.state === domainStates.paused) await virsh(context, [['resume', id]])
  else if (!isActive(domain) && domain.isSaved) await restoreSaved(context, paths, id)
  else if (!isActive(domain)) throw new Fault('conflict', `guest ${id} is not suspended`)
}

/** The guest's domain, running or halted. */
export async function requireActive(context: DriverContext, id: string) {
  const domain = await requireDomain(context, id)
  if (isActive(domain)) return domain
  throw new Fault('conflict', `guest ${id} does not run`)
}
