/** The process behind a guest: found by its pid file and believed only when its command line names the guest's lock. */
import type { QemuContext } from './context.ts'
import { type GuestPaths, guestPaths, pathsOnHost, plainPaths } from './guest-paths.ts'

/** A guest's qemu, and the names that its sockets go by. */
export interface GuestProcess {
  readonly pid: number
  readonly paths: GuestPaths
}

/** The guest's qemu on this host, or undefined when none runs. A pid that now belongs to another process counts as none. */
export async function guestProcess(context: QemuContext, paths: GuestPaths): Promise<GuestProcess | undefined> {
  const { host } = context
  const named = [plainPaths(paths), pathsOnHost(paths, host.name)]
  const texts = await Promise.all(named.map(({ pid }) => host.readFile(pid, { maxBytes: 64 })))
  for (const [index, one] of named.entries()) {
    const pid = Number(texts[index]?.toString('latin1').trim())
    if (Number.isSafeInteger(pid) && pid > 0 && (await isGuest(context, one, pid))) return { pid, paths: one }
  }
  return undefined
}

/** Its pid alone. */
export const guestPid = async (context: QemuContext, paths: GuestPaths): Promise<number | undefined> =>
  (await guestProcess(context, paths))?.pid

/** The guest's qemu when there is one to talk to: a plan talks to none. */
export const livingProcess = async (context: QemuContext, paths: GuestPaths): Promise<GuestProcess | undefined> =>
  context.host.planning ? undefined : guestProcess(context, paths)

/** Whether the process still is the guest's qemu. */
export async function isGuest({ host }: QemuContext, paths: Pick<GuestPaths, 'lock'>, pid: number): Promise<boolean> {
  const commandLine = await host.readFile(`/proc/${pid}/cmdline`, { maxBytes: 256 * 1024 })
  if (commandLine === undefined) return false
  if (commandLine.length > 0) return commandLine.toString('utf8').split('\0').includes(paths.lock)
  // Without a command line: the moment in which a process becomes qemu, a dead one that nobody reaped, or the kernel's own.
  const stat = (await host.readFile(`/proc/${pid}/stat`, { maxBytes: 4096 }))?.toString('latin1') ?? ''
  const [state = 'X', parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return state !== '' && !'ZX'.includes(state) && parent !== kernelThreads
}

/** The parent of all kernel threads. */
const kernelThreads = '2'

/** All qemu processes of this instances directory by guest id, also those whose directory is gone. */
export async function runningGuests(context: QemuContext): Promise<Map<string, GuestProcess>> {
  const { host, instancesPath } = context
  const pattern = `^${escaped(instancesPath)}/[0-9a-f-]{36}/qemu(\\.${escaped(host.name)})?\\.lock$`
  const search = ['-name', 'cmdline', '-exec', 'grep', '-sHoazE', '-e', pattern, '{}', '+']
  const argv = ['find', '/proc', '-mindepth', '2', '-maxdepth', '2', '-path', '/proc/[0-9]*', ...search]
  // Processes end while find looks at them, and grep finds nothing in most: both exit with 1.
  const { stdout } = await host.run(argv, { effect: 'read', okExitCodes: [0, 1] })
  const found = new Map<string, GuestProcess>()
  for (const [, pid, id, name] of stdout.matchAll(/\/proc\/(\d+)\/cmdline:[^\0\n]*\/([0-9a-f-]{36})\/(qemu[^/\0\n]*\.lock)/g)) {
    if (id === undefined) continue
    const paths = guestPaths(context, id)
    found.set(id, { pid: Number(pid), paths: name === 'qemu.lock' ? paths : pathsOnHost(paths, host.name) })
  }
  return found
}

const escaped = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')

/** Polls until the process has ended; false when it still runs after `timeoutMs`. */
export async function hasEnded(context: QemuContext, paths: GuestPaths, pid: number, timeoutMs: number): Promise<boolean> {
  const { clock } = context
  const end = clock.monotonic() + timeoutMs
  let pause = 5
  while (await isGuest(context, paths, pid)) {
    if (clock.monotonic() >= end) return false
    await clock.sleep(Math.min(pause, Math.max(1, end - clock.monotonic())))
    pause = Math.min(pause * 2, 200)
  }
  return true
}
