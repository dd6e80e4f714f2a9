/**
 * Starts qemu in the background. Not by its own -daemonize: that forks and calls setsid after the sandbox has closed,
 * which then would have to allow both to the guest for ever.
 */
import { Fault } from '../../core/fault.ts'
import { inOneGo } from '../../hosts/batch.ts'
import { endOfStderr } from '../../hosts/command-fault.ts'
import type { Host } from '../../hosts/host.ts'
import type { QemuContext } from './context.ts'
import { type GuestPaths, nameBelow } from './guest-paths.ts'
import { guestPid } from './guest-process.ts'
import { qemuStatus } from './power-state.ts'

/**
 * Constant text: directory, names of the pid file and of the monitor, the lock, and command are its parameters. A guest that runs by now
 * was started by somebody who was not seen: a second process would end at the lock, and the pid file would name it. The pid
 * is there before the caller's pipes close; waiting for the monitor on the host saves the questions whether it is there by now.
 */
const script = `cd -- "$1" || exit
pid=$2 monitor=$3 lock=$4
shift 4
if [ -e "$pid" ] && tr '\\0' '\\n' 2>/dev/null <"/proc/$(cat "$pid")/cmdline" | grep -qxF -e "$lock"; then exit 0; fi
setsid --fork sh -c 'echo $$ >"$0" && exec "$@" </dev/null >qemu.log 2>&1' "$pid" "$@" || exit
tries=0
until [ -S "$monitor" ] || [ "$tries" -ge 200 ]; do
  [ "$tries" -lt 10 ] || kill -0 "$(cat "$pid")" 2>/dev/null || break
  tries=$((tries + 1))
  sleep 0.01
done
exit 0`
const startMs = 60_000

/**
 * Does what comes `before`, runs the command in the guest's directory, and resolves with qemu's status once its monitor
 * answers. In a plan: undefined.
 */
export async function launchQemu(
  context: QemuContext,
  paths: GuestPaths,
  command: readonly string[],
  before: (host: Host) => Promise<void> = async () => {},
): Promise<string | undefined> {
  const { host } = context
  await inOneGo(host, async (gathered) => {
    await before(gathered)
    const names = [paths.pid, paths.monitor].map((path) => nameBelow(paths, path))
    await gathered.run(['sh', '-c', script, 'launch', paths.directory, ...names, paths.lock, ...command])
  })
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
