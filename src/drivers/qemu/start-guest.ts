/** Starting a guest's process. */
import { Fault } from '../../core/fault.ts'
import { accelerationFor } from '../accelerator.ts'
import { rotateConsoleLog } from '../console-log.ts'
import { bootSpec, type GuestRecord, readGuestRecord } from '../guest-record.ts'
import { qemuProgram } from '../qemu-program.ts'
import { qemuArguments } from './arguments.ts'
import type { QemuContext } from './context.ts'
import type { GuestPaths } from './guest-paths.ts'
import { guestPid } from './guest-process.ts'
import { launchQemu } from './launch-qemu.ts'
import { deleteSavedMemory } from './saved-memory.ts'

/** The guest's definition. `not-found` when it was never spawned on this host. */
export async function requireRecord(context: QemuContext, paths: GuestPaths): Promise<GuestRecord> {
  const record = await readGuestRecord(context, paths)
  if (record) return record
  throw new Fault('not-found', `host ${context.host.name} has no guest in ${paths.directory}`)
}

/** Boots a guest afresh; one that runs stays as it is. */
export async function bootGuest(context: QemuContext, paths: GuestPaths, record: GuestRecord): Promise<void> {
  if ((await guestPid(context, paths)) === undefined) await bootStopped(context, paths, record)
}

/** Boots a guest that does not run (in a plan: will not run by then). Memory saved by a suspend no longer fits its disks and goes. */
export async function bootStopped(context: QemuContext, paths: GuestPaths, record: GuestRecord): Promise<void> {
  const { host } = context
  const hadSavedMemory = (await host.stat(paths.suspended)) !== undefined
  if (hadSavedMemory) await host.remove(paths.suspended)
  const status = await launch(context, paths, record)
  if (status === undefined) return
  if (status !== 'running')
    throw new Fault('internal', `host ${host.name}: guest ${record.spec.id} did not start: qemu says ${status}`)
  if (hadSavedMemory) await deleteSavedMemory(context, paths)
}

/** Starts the process and resolves with qemu's status. `more` are arguments for this start alone: `-S` halts the CPUs. */
export async function launch(
  context: QemuContext,
  paths: GuestPaths,
  record: GuestRecord,
  more: readonly string[] = [],
): Promise<string | undefined> {
  await rotateConsoleLog(context, paths)
  const acceleration = await accelerationFor(context, record.spec.virtType)
  const argv = qemuArguments(bootSpec(record), paths, { ...acceleration, machineType: record.machineType })
  return launchQemu(context, paths, [qemuProgram, ...argv, ...more])
}
