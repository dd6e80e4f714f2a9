/** A libvirt guest's side of a move while it runs. */
import { Fault } from '../../core/fault.ts'
import type { GuestPlace, GuestSpec, LiveMoves, LiveOrder, StorageKind } from '../driver.ts'
import type { DriverContext } from '../driver-context.ts'
import { createDisks } from '../guest-disks.ts'
import { isSameDirectory } from '../same-directory.ts'
import { sendImages } from '../send-disks.ts'
import { cpuPlacement } from './cpu-placement.ts'
import { releaseCpus } from './cpu-reservation.ts'
import { libvirtPaths } from './guest-paths.ts'
import { removeFiles } from './live-files.ts'
import { isActive, isArriving, lookAt } from './look.ts'
import { moveLive } from './move-live.ts'
import { jobOf } from './run-live.ts'
import { openDirectories } from './start-guest.ts'
import { endGuest, undefineGuest } from './stop-guest.ts'
import { virsh } from './virsh.ts'

/** What the libvirt driver does for live moves. */
export function libvirtLive(context: DriverContext): LiveMoves {
  return {
    sharesWith: (id, to) => sharesWith(context, id, to),
    sendImages: (id, to, spec) => sendImages(context, id, to, spec),
    makeRoom: (spec, order) => makeRoom(context, spec, order),
    moveLive: (_id, to, spec, order, report) => moveLive(context, to, spec, { order, report }),
    async abortLive(id) {
      if (await jobOf(context, id)) await virsh(context, [['domjobabort', id]], { isAnswer: noJob })
    },
    forceLive: (id) => forceLive(context, id),
    leave: (id, storage) => leave(context, id, storage),
  }
}

/** The move is over, and the guest with it. */
const noJob = /no job is active|domain is not running|failed to get domain|domain not found/i

function sharesWith(context: DriverContext, id: string, to: GuestPlace): Promise<boolean> {
  const [here, there] = [libvirtPaths(context, id), libvirtPaths(to, id)]
  return isSameDirectory(
    context,
    { host: context.host, directory: here.directory },
    { host: to.host, directory: there.directory },
  )
}

async function makeRoom(context: DriverContext, spec: GuestSpec, order: LiveOrder): Promise<void> {
  const { host } = context
  const paths = libvirtPaths(context, spec.id)
  const domain = await lookAt(context, spec.id)
  if (domain && isActive(domain) && !isArriving(domain))
    throw new Fault('conflict', `guest ${spec.id} runs on host ${host.name} already`)
  await host.mkdir(paths.directory)
  if (order.storage === 'copy') await createDisks(context, paths, spec)
  await openDirectories(context, paths)
  // Taken before the guest is on its way: a host without free CPUs for it says so now.
  await cpuPlacement(context, spec)
}

/** Post-copy where the move allows it; else the guest stands still, and its memory with it, until it goes on over there. */
async function forceLive(context: DriverContext, id: string): Promise<void> {
  if (!(await jobOf(context, id))) return
  const refused = /post-?copy|disabled|not enabled|not supported/i
  const { refusals } = await virsh(context, [['migrate-postcopy', id]], {
    isAnswer: new RegExp(`${refused.source}|${noJob.source}`, 'i'),
  })
  if (refusals.length === 0 || !(await jobOf(context, id))) return
  await virsh(context, [['suspend', id]], { isAnswer: noJob })
}

async function leave(context: DriverContext, id: string, storage: StorageKind): Promise<void> {
  const { host } = context
  const domain = await lookAt(context, id)
  if (domain && isArriving(domain)) await endGuest(context, domain)
  else if (domain && isActive(domain) && !host.planning)
    throw new Fault('conflict', `guest ${id} runs on host ${host.name}: it is not taken from it`)
  if (domain) await undefineGuest(context, id)
  await removeFiles(context, id)
  if (storage === 'shared') return
  await host.remove(libvirtPaths(context, id).directory)
  await releaseCpus(context, id)
}
