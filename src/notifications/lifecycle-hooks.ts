/**
 * Lifecycle hooks: programs of an operator's in `hooks.d/<event type>/` (or `hooks.d/all/`) of the state directory, run after the
 * event with the notification on standard input. Only what the daemon's user or root alone can write is run.
 */
import { Fault } from '../core/fault.ts'
import type { Fs } from '../core/ports.ts'
import type { Host } from '../hosts/host.ts'
import type { Notification } from '../model/notification.ts'

export interface HooksOptions {
  /** `<state>/hooks.d`. */
  readonly directory: string
  readonly fs: Pick<Fs, 'exists' | 'readdir' | 'stat'>
  /** This machine. */
  readonly host: Pick<Host, 'run'>
  /** Who the daemon is. */
  readonly uid: number
  timeoutMs(): number
  /** Takes what hooks print, and why one did not run. */
  note(facts: Readonly<Record<string, unknown>>, message: string): void
}

/** Characters of a hook's output that the log gets. */
const mostOutput = 4096
/** Event types as directories: nothing that could lead elsewhere. */
const isDirectoryName = (type: string) => /^[a-z][a-z0-9_.]*$/.test(type) && !type.includes('..')

/** Runs the hooks of a notification, one after the other by name; false when there are none. Never throws for a hook that fails. */
export async function runHooks(notification: Notification, options: HooksOptions, signal: AbortSignal): Promise<boolean> {
  const files = ['all', notification.event_type].filter(isDirectoryName).flatMap((name) => hooksIn(name, options))
  for (const file of files) {
    if (signal.aborted) break
    await runHook(file, notification, options, signal)
  }
  return files.length > 0
}

function hooksIn(type: string, { directory, fs }: HooksOptions): string[] {
  const folder = `${directory}/${type}`
  if (!fs.exists(folder)) return []
  return fs
    .readdir(folder)
    .filter((name) => !name.startsWith('.'))
    .sort()
    .map((name) => `${folder}/${name}`)
}

async function runHook(file: string, notification: Notification, options: HooksOptions, signal: AbortSignal): Promise<void> {
  const facts = { hook: file, messageId: notification.message_id, type: notification.event_type }
  try {
    guardHook(file, options)
    const deadlineMs = options.timeoutMs()
    const stdin = `${JSON.stringify(notification)}\n`
    const { stdout, stderr } = await options.host.run([file], { stdin, deadlineMs, signal })
    options.note({ ...facts, output: `${stdout}${stderr}`.slice(0, mostOutput) }, 'hook ran')
  } catch (error) {
    if (!signal.aborted)
      options.note({ ...facts, reason: error instanceof Error ? error.message.slice(0, mostOutput) : '' }, 'hook failed')
  }
}

/** Fault `forbidden` unless the file and the directories above it are the daemon's or root's own, and nobody else can write them. */
function guardHook(file: string, { directory, fs, uid }: HooksOptions): void {
  const folder = file.slice(0, file.lastIndexOf('/'))
  for (const path of [directory, folder, file]) {
    const { uid: owner, mode, isSymbolicLink, isDirectory } = fs.stat(path)
    if (isSymbolicLink) throw new Fault('forbidden', `${path} is a link`)
    if (owner !== uid && owner !== 0) throw new Fault('forbidden', `${path} belongs to user ${owner}`)
    if ((mode & 0o022) !== 0)
      throw new Fault('forbidden', `${path} can be written by others, its mode is ${(mode & 0o777).toString(8)}`, {
        hint: `chmod 700 ${path}`,
      })
    if (path === file && (isDirectory || (mode & 0o100) === 0))
      throw new Fault('forbidden', `${path} is no program that its owner may run`)
  }
}
