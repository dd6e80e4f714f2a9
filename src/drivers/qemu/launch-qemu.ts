/**
 * Starts qemu in the background. Not by its own -daemonize: that forks and calls setsid after the sandbox has closed,
 * which then would have to allow both to the guest for ever.
 */
import { Fault } from '../../core/fault.ts'
import { endOfStderr } from '../../hosts/command-fault.ts'
import type { QemuContext } from './context.ts'
import type { GuestPaths } from './guest-paths.ts'
import { guestPid } from './guest-process.ts'
import { qemuStatus } from './power-state.ts'

/** Constant text: directory and command are its parameters. The pid is there before the caller's pipes close. */
const script = 'cd -- "$1" && echo $$ >qemu.pid && shift && exec "$@" </dev/null >qemu.log 2>&1'
const startMs = 60_000

/** Runs the command in the guest's directory and resolves with qemu's status once its monitor answers. In a plan: undefined. */
export async function launchQemu(
  context: QemuContext,
  paths: GuestPaths,
  command: readonly string[],
): Promise<string | undefined> {
  const { host } = context
  await host.run(['setsid', '--fork', 'sh', '-c', script, 'launch', paths.directory, ...command])
  return host.planning ? undefined : firstStatus(context, paths)
}

async function firstStatus(context: QemuContext, paths: GuestPaths): Promise<string> {
  const { host, clock } = context
  const end = clock.monotonic() + startMs
  for (;;) {
    try {
      return await qemuStatus(context, paths)
    } catch (error) {
      if (!(error instanceof Fault && error.kind === 'unreachable')) throw error
    }
    if ((await guestPid(context, paths)) === undefined) throw await startFault(context, paths)
    if (clock.monotonic() >= end) {
      throw new Fault('timeout', `host ${host.name}: qemu in ${paths.directory} opened no monitor within ${startMs} ms`)
    }
    await clock.sleep(10)
  }
}

async function startFault({ host }: QemuContext, paths: GuestPaths): Promise<Fault> {
  const words = await host.readFile(`${paths.directory}/qemu.log`, { tail: true, maxBytes: 4096 })
  const reason = endOfStderr(words?.toString('utf8') ?? '')
  return new Fault('internal', `host ${host.name}: qemu did not start${reason === '' ? '' : `: ${reason}`}`)
}
