/** Ending a guest's process: by the guest itself when it listens, by force when it does not. */
import { Fault } from '../../core/fault.ts'
import type { QemuContext } from './context.ts'
import type { GuestPaths } from './guest-paths.ts'
import { type GuestProcess, guestProcess, hasEnded, livingProcess, runningGuests } from './guest-process.ts'
import { qemuStatus } from './power-state.ts'
import { withQmp } from './qmp.ts'

/** A guest that was busy booting misses the first press of its button. */
const buttonEveryMs = 5000
const quitMs = 5000
const killMs = 10_000

/** Presses the power button and waits; true when the guest ended by itself in time. A halted guest cannot hear it. */
async function shutDown(context: QemuContext, { pid, paths }: GuestProcess, timeoutMs: number): Promise<boolean> {
  const end = context.clock.monotonic() + timeoutMs
  if (timeoutMs <= 0 || !(await isRunning(context, paths))) return false
  for (;;) {
    const left = end - context.clock.monotonic()
    if (left <= 0) return false
    await tell(context, paths, 'system_powerdown')
    if (await hasEnded(context, paths, pid, Math.min(buttonEveryMs, left))) return true
  }
}

/** Ends the process at once: qemu writes what it still holds, or is killed when it does not answer. */
export async function endProcess(context: QemuContext, { pid, paths }: GuestProcess): Promise<void> {
  const told = await tell(context, paths, 'quit')
  // Looked at just before the kill: the pid could belong to another process by now.
  if (await hasEnded(context, paths, pid, told ? quitMs : 0)) return
  await context.host.run(['kill', '-KILL', String(pid)], { okExitCodes: [0, 1] })
  if (await hasEnded(context, paths, pid, killMs)) return
  throw new Fault(
    'timeout',
    `host ${context.host.name}: process ${pid} of ${paths.directory} did not end ${killMs} ms after it was killed`,
  )
}

/** Stops the guest; nothing happens to one that does not run. */
export async function stopGuest(
  context: QemuContext,
  paths: GuestPaths,
  timeoutMs: number,
): Promise<{ readonly forced: boolean }> {
  const found = await livingProcess(context, paths)
  if (!found || (await shutDown(context, found, timeoutMs))) return { forced: false }
  await endProcess(context, found)
  return { forced: true }
}

/** Ends the guest and removes its directory, which holds everything else that it has. */
export async function destroyGuest(context: QemuContext, paths: GuestPaths, id: string): Promise<void> {
  const { host } = context
  const found = (await guestProcess(context, paths)) ?? (await runningGuests(context)).get(id)
  if (found && !host.planning) await endProcess(context, found)
  await host.remove(paths.directory)
}

async function isRunning(context: QemuContext, paths: GuestPaths): Promise<boolean> {
  return (await ifAnswered(qemuStatus(context, paths))) === 'running'
}

/** Sends a command whose effect shows in the process; false when nobody took it. */
async function tell(context: QemuContext, paths: GuestPaths, command: 'quit' | 'system_powerdown'): Promise<boolean> {
  const sent = withQmp(context, paths.monitor, (qmp) => qmp.execute(command, undefined, quitMs))
  return (await ifAnswered(sent)) !== undefined
}

/** The answer, or undefined when qemu does not answer: it may end before it has, or hang. */
async function ifAnswered<T>(question: Promise<T>): Promise<T | undefined> {
  try {
    return await question
  } catch (error) {
    if (error instanceof Fault && (error.kind === 'unreachable' || error.kind === 'timeout')) return undefined
    throw error
  }
}
