/**
 * Suspend and resume. The marker beside the disks says that the saved memory is whole and newer than the disks, so it is
 * written after the memory and removed before the guest runs on; a crash between any two steps is repaired by a second call.
 */
import { Fault } from '../../core/fault.ts'
import { writeGuestRecord } from '../guest-record.ts'
import type { QemuContext } from './context.ts'
import type { GuestPaths } from './guest-paths.ts'
import { guestProcess } from './guest-process.ts'
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
  const found = await guestProcess(context, paths)
  const isSaved = (await host.stat(paths.suspended)) !== undefined
  if (!found && isSaved) return
  if (!found && !host.planning) throw new Fault('conflict', `guest ${record.spec.id} does not run: there is no memory to save`)
  if (!isSaved && found) {
    await writeGuestRecord(context, paths, { ...record, layout: await withQmp(context, found.paths.monitor, layoutOf) })
    if (!host.planning) await saveMemory(context, found.paths)
  }
  await host.writeFile(paths.suspended, '')
  if (found && !host.planning) await endProcess(context, found)
}

/** Goes on where the guest was suspended; one that is only halted goes on too. */
export async function resumeGuest(context: QemuContext, paths: GuestPaths): Promise<void> {
  const { host } = context
  const record = await requireRecord(context, paths)
  const isSaved = (await host.stat(paths.suspended)) !== undefined
  const found = await guestProcess(context, paths)
  const current = found?.paths ?? paths
  if (!isSaved && !found) throw new Fault('conflict', `guest ${record.spec.id} is not suspended`)
  if (!found) await launch(context, paths, record, ['-S'])
  if (isSaved && !host.planning) await loadMemory(context, current)
  await host.remove(paths.suspended)
  if (host.planning) return
  await withQmp(context, current.monitor, (qmp) => qmp.execute('cont'))
  if (isSaved) await deleteSavedMemory(context, current)
}
