/**
 * Suspend and resume. The marker beside the disks says that the saved memory is whole and newer than the disks, so it is
 * written after the memory and removed before the guest runs on; a crash between any two steps is repaired by a second call.
 */
import { Fault } from '../../core/fault.ts'
import { writeGuestRecord } from '../guest-record.ts'
import type { QemuContext } from './context.ts'
import type { GuestPaths } from './guest-paths.ts'
import { guestPid } from './guest-process.ts'
import { layoutOf } from './hot-device.ts'
import { withQmp } from './qmp.ts'
import { deleteSavedMemory, loadMemory, saveMemory } from './saved-memory.ts'
import { launch, requireRecord } from './start-guest.ts'
import { endProcess } from './stop-guest.ts'

/** Saves the guest's memory and ends its process. */
export async function suspendGuest(context: QemuContext, paths: GuestPaths): Promise<void> {
  const { host } = context
  const record = await requireRecord(context, paths)
  if (!record.spec.disks.some(({ role }) => role === 'root')) {
    throw new Fault('unsupported', `guest ${record.spec.id} has no root disk to save its memory in`)
  }
  const pid = await guestPid(context, paths)
  const isSaved = (await host.stat(paths.suspended)) !== undefined
  if (pid === undefined && isSaved) return
  if (pid === undefined && !host.planning)
    throw new Fault('conflict', `guest ${record.spec.id} does not run: there is no memory to save`)
  if (!isSaved && pid !== undefined) {
    await writeGuestRecord(context, paths, { ...record, layout: await withQmp(context, paths.monitor, layoutOf) })
    if (!host.planning) await saveMemory(context, paths)
  }
  await host.writeFile(paths.suspended, '')
  if (pid !== undefined && !host.planning) await endProcess(context, paths, pid)
}

/** Goes on where the guest was suspended; one that is only halted goes on too. */
export async function resumeGuest(context: QemuContext, paths: GuestPaths): Promise<void> {
  const { host } = context
  const record = await requireRecord(context, paths)
  const isSaved = (await host.stat(paths.suspended)) !== undefined
  const runs = (await guestPid(context, paths)) !== undefined
  if (!isSaved && !runs) throw new Fault('conflict', `guest ${record.spec.id} is not suspended`)
  if (!runs) await launch(context, paths, record, ['-S'])
  if (isSaved && !host.planning) await loadMemory(context, paths)
  await host.remove(paths.suspended)
  if (host.planning) return
  await withQmp(context, paths.monitor, (qmp) => qmp.execute('cont'))
  if (isSaved) await deleteSavedMemory(context, paths)
}
