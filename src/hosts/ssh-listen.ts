/**
 * Unix sockets of an ssh host that listen: sshd forwards their connections. They are no sessions, so they take none of the
 * few that sshd allows, nor a slot of the commands.
 */
import type { Duplex } from 'node:stream'
import type { AcceptConnection, Channel, UNIXConnectionDetails } from 'ssh2'
import { Fault } from '../core/fault.ts'
import { type Live, unlessAborted } from './ssh-connection.ts'
import type { SshRun } from './ssh-run.ts'
import type { SshSocketOptions } from './ssh-socket.ts'

const openMs = 15_000
/** What sshd's kernel takes for a socket's address. */
const longestPath = 100

/** Listens on `path` until the returned function is called. `unsupported` when sshd may not forward sockets. */
export async function sshListen(
  options: SshSocketOptions,
  run: SshRun,
  path: string,
  onConnection: (connection: Duplex) => void,
): Promise<() => Promise<void>> {
  const live = await options.connection.live(options.clock.deadline(openMs))
  const own = await ownPath(options, run, path)
  const open = new Set<Channel>()
  const accept = (details: UNIXConnectionDetails, take: AcceptConnection) => {
    if (details.socketPath !== own.path) return
    const channel = take()
    open.add(channel)
    channel.once('close', () => open.delete(channel))
    onConnection(channel)
  }
  live.client.on('unix connection', accept)
  const stop = async () => {
    live.client.removeListener('unix connection', accept)
    for (const channel of open) channel.destroy()
    if (!live.lost.aborted) await unforward(options, live, own.path)
    await run({ argv: ['rm', '-f', '--', path, own.path] })
    if (own.directory !== undefined) await run({ argv: ['rmdir', '--', own.directory] })
  }
  try {
    options.onCommand()
    // sshd replaces nothing: a stale socket is removed only when there is one, which saves a round trip when there is none.
    await forward(options, live, own.path).catch(async () => {
      await run({ argv: ['rm', '-f', '--', own.path] })
      await forward(options, live, own.path)
    })
    return stop
  } catch (error) {
    await stop()
    throw error
  }
}

/**
 * sshd binds as the user who logs in, and to a short path only. Where that does not do, it binds in a directory of that
 * user, and `path` is a link to it. Either way `path` is free afterwards.
 */
async function ownPath({ sudo }: SshSocketOptions, run: SshRun, path: string) {
  if (!sudo && Buffer.byteLength(path) <= longestPath) return { path, directory: undefined }
  const privilege = sudo ? 'exec runuser -u "$SUDO_USER" -- mktemp -d' : 'exec mktemp -d'
  const made = await run({ argv: ['sh', '-c', `${privilege} /tmp/nova-XXXXXXXX`] })
  const directory = made.stdout.trim()
  const socket = `${directory}/socket`
  await run({ argv: ['ln', '-sfnT', '--', socket, path] })
  return { path: socket, directory }
}

function forward({ name, clock }: SshSocketOptions, live: Live, path: string): Promise<void> {
  const forwarded = new Promise<void>((resolve, reject) => {
    live.client.openssh_forwardInStreamLocal(path, (error) => {
      if (error) reject(refused(name, path, error))
      else resolve()
    })
  })
  return unlessAborted(forwarded, AbortSignal.any([clock.deadline(openMs), live.lost]))
}

const refused = (name: string, path: string, cause: Error) =>
  new Fault('unsupported', `host ${name}: sshd does not listen on ${path}: ${cause.message}`, {
    hint: `set AllowStreamLocalForwarding yes in sshd_config of host ${name}`,
    cause,
  })

/** A host that does not answer must not hold whoever tidies up. */
async function unforward({ clock }: SshSocketOptions, live: Live, path: string): Promise<void> {
  const done = new Promise<void>((resolve) => {
    live.client.openssh_unforwardInStreamLocal(path, () => resolve())
  })
  await unlessAborted(done, AbortSignal.any([clock.deadline(openMs), live.lost])).catch(() => {})
}
