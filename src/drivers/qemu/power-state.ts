/** The truth about guests, from their processes: no record is believed. */
import { Fault } from '../../core/fault.ts'
import type { PowerState } from '../../model/states.ts'
import { rotateConsoleLog } from '../console-log.ts'
import type { GuestState } from '../driver.ts'
import type { QemuContext } from './context.ts'
import { type GuestPaths, guestPaths, isGuestId } from './guest-paths.ts'
import { type GuestProcess, guestPid, guestProcess, runningGuests } from './guest-process.ts'
import { fieldsOf } from './json-lines.ts'
import { type Qmp, withQmp } from './qmp.ts'

/** qemu's run states; those not named here are moments between two commands, in which the guest does not run. */
const powerStates = new Map<string, PowerState>([
  ['running', 'running'],
  // Its memory is elsewhere, or on its way: there is no guest yet.
  ['inmigrate', 'pending'],
  ['shutdown', 'shutdown'],
  ['guest-panicked', 'crashed'],
  ['internal-error', 'crashed'],
])

/** The guest's state, or undefined when the host has neither its directory nor its process. */
export async function inspectGuest(context: QemuContext, id: string): Promise<GuestState | undefined> {
  const paths = guestPaths(context, id)
  const [directory, own] = await Promise.all([context.host.stat(paths.directory), guestProcess(context, paths)])
  const hasDirectory = directory !== undefined
  const found = hasDirectory ? own : (await runningGuests(context)).get(id)
  if (found) return runningState(context, id, found)
  return hasDirectory ? stoppedState(context, paths, id) : undefined
}

/** Every guest with a directory or a process; keeps the logs of those that run within their size on the way. */
export async function listGuests(context: QemuContext): Promise<GuestState[]> {
  const { host, instancesPath } = context
  const names = (await host.stat(instancesPath)) ? await host.readdir(instancesPath) : []
  const running = await runningGuests(context)
  const ids = [...new Set([...names.filter(isGuestId), ...running.keys()])].sort()
  return Promise.all(
    ids.map(async (id) => {
      const found = running.get(id)
      if (!found) return stoppedState(context, guestPaths(context, id), id)
      await rotateConsoleLog(context, found.paths)
      return runningState(context, id, found)
    }),
  )
}

/** Files alone may be those of a guest that another host runs or keeps. */
async function stoppedState({ host }: QemuContext, paths: GuestPaths, id: string): Promise<GuestState> {
  const hasFilesOnly = true
  if (await host.stat(paths.suspended))
    return { id, powerState: 'suspended', detail: 'memory is saved in the root disk', hasFilesOnly }
  return { id, powerState: 'shutdown', detail: 'no process', hasFilesOnly }
}

async function runningState(context: QemuContext, id: string, { pid, paths }: GuestProcess): Promise<GuestState> {
  try {
    const status = await qemuStatus(context, paths)
    return { id, powerState: powerStates.get(status) ?? 'paused', detail: `pid ${pid}, qemu says ${status}` }
  } catch (error) {
    if (!(error instanceof Fault)) throw error
    // qemu serves one client at a time: another one may be busy with it.
    if (error.kind === 'timeout') return { id, powerState: 'pending', detail: `pid ${pid} runs, its monitor is busy` }
    if (error.kind !== 'unreachable') throw error
    // It may have ended between the two looks.
    if ((await guestPid(context, paths)) === undefined) return stoppedState(context, paths, id)
    return { id, powerState: 'crashed', detail: `pid ${pid} runs but its monitor does not answer` }
  }
}

/** qemu's own word for what the guest does: running, paused, internal-error … */
export async function qemuStatus(context: QemuContext, paths: GuestPaths): Promise<string> {
  const ask = async (qmp: Qmp) => String(fieldsOf(await qmp.execute('query-status'))?.get('status'))
  return withQmp(context, paths.monitor, ask, { effect: 'read' })
}
