/** Starting a guest's process. */
import { Fault } from '../../core/fault.ts'
import type { Host } from '../../hosts/host.ts'
import { accelerationFor } from '../accelerator.ts'
import { rotateConsoleLog } from '../console-log.ts'
import { bootSpec, type GuestRecord, readGuestRecord, writeGuestRecord } from '../guest-record.ts'
import { type Acceleration, qemuProgram } from '../qemu-program.ts'
import { type Machine, qemuArguments } from './arguments.ts'
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

/** Defines a guest and boots it; one that runs stays as it is. */
export async function spawnGuest(context: QemuContext, paths: GuestPaths, record: GuestRecord): Promise<void> {
  const [pid, ready] = await Promise.all([guestPid(context, paths), makeReady(context, paths, record)])
  if (pid !== undefined) return
  await bootReady(context, paths, record, ready, async (host) => {
    await host.mkdir(paths.directory)
    await writeGuestRecord({ ...context, host }, paths, record)
  })
}

/** Boots a guest that does not run (in a plan: will not run by then). */
export const bootStopped = async (context: QemuContext, paths: GuestPaths, record: GuestRecord): Promise<void> =>
  bootReady(context, paths, record, await makeReady(context, paths, record))

interface Ready {
  readonly acceleration: Acceleration
  readonly hasSavedMemory: boolean
}

/** What a start needs to know, asked for at once so that an ssh host answers in one round trip. */
async function makeReady(context: QemuContext, paths: GuestPaths, { spec }: GuestRecord): Promise<Ready> {
  const [acceleration, suspended] = await Promise.all([
    accelerationFor(context, spec.virtType),
    context.host.stat(paths.suspended),
    rotateConsoleLog(context, paths),
  ])
  return { acceleration, hasSavedMemory: suspended !== undefined }
}

/** Memory saved by a suspend no longer fits the disks of a guest that boots, and goes. */
async function bootReady(
  context: QemuContext,
  paths: GuestPaths,
  record: GuestRecord,
  { acceleration, hasSavedMemory }: Ready,
  before: (host: Host) => Promise<void> = async () => {},
): Promise<void> {
  const status = await launchQemu(context, paths, commandOf(record, paths, acceleration), async (host) => {
    await before(host)
    if (hasSavedMemory) await host.remove(paths.suspended)
  })
  if (status === undefined) return
  if (status !== 'running')
    throw new Fault('internal', `host ${context.host.name}: guest ${record.spec.id} did not start: qemu says ${status}`)
  if (hasSavedMemory) await deleteSavedMemory(context, paths)
}

/** Starts a process in which the guest goes on, and resolves with qemu's status. `more` are arguments for this start alone: `-S` halts the CPUs. */
export async function launch(
  context: QemuContext,
  paths: GuestPaths,
  record: GuestRecord,
  more: readonly string[] = [],
): Promise<string | undefined> {
  const { acceleration } = await makeReady(context, paths, record)
  const goesOn = { ...acceleration, layout: record.layout }
  return launchQemu(context, paths, [...commandOf(record, paths, goesOn), ...more])
}

const commandOf = (record: GuestRecord, paths: GuestPaths, acceleration: Pick<Machine, keyof Acceleration | 'layout'>) => [
  qemuProgram,
  ...qemuArguments(bootSpec(record), paths, { ...acceleration, machineType: record.machineType }),
]
