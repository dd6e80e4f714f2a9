/** Connections to unix sockets of an ssh host: forwarded by sshd, or by socat there when sshd may not or the socket is root's. */
import type { Duplex } from 'node:stream'
import type { ClientChannel } from 'ssh2'
import { asFault, Fault } from '../core/fault.ts'
import type { Clock } from '../core/ports.ts'
import { quote } from './quote.ts'
import { type Live, openChannel, type SshConnection, unlessAborted } from './ssh-connection.ts'

const openMs = 15_000
/** What sshd's kernel takes for a socket's address. */
const longestPath = 100
/** RFC 4254: the server's administrator forbids it. */
const prohibited = 1

export interface SshSocketOptions {
  readonly name: string
  readonly clock: Clock
  readonly connection: SshConnection
  readonly sudo: boolean
  readonly onCommand: () => void
}

/** Connects to `path` on the host. Fault `unreachable` when nobody listens there. */
export async function sshSocket(options: SshSocketOptions, path: string): Promise<Duplex> {
  const { name, clock, connection, sudo } = options
  const signal = clock.deadline(openMs)
  const live = await connection.live(signal).catch((error: unknown) => {
    throw signal.aborted ? new Fault('unreachable', `host ${name} did not answer within ${openMs / 1000} s`) : asFault(error)
  })
  if (sudo || Buffer.byteLength(path) > longestPath) return viaSocat(options, live, path, signal)
  try {
    options.onCommand()
    return await unlessAborted(forwarded(live, path), AbortSignal.any([signal, live.lost]))
  } catch (error) {
    if (error instanceof Error && 'reason' in error && error.reason === prohibited) return viaSocat(options, live, path, signal)
    if (error instanceof Fault && !signal.aborted) throw error
    throw nobody(name, path, error)
  }
}

const nobody = (name: string, path: string, cause: unknown) =>
  new Fault('unreachable', `host ${name}: nobody answers on ${path}`, { cause })

const forwarded = (live: Live, path: string): Promise<Duplex> =>
  new Promise((resolve, reject) => {
    live.client.openssh_forwardOutStreamLocal(path, (error, channel) => (error ? reject(error) : resolve(channel)))
  })

/** A relative path: its directory may be longer than a socket's address, and socat gives some characters a meaning. */
const socatScript = `cd "\${1%/*}/" && [ -S "./\${1##*/}" ] && exec socat - "UNIX-CONNECT:$2"`

async function viaSocat(options: SshSocketOptions, live: Live, path: string, signal: AbortSignal): Promise<Duplex> {
  const { name, clock, sudo, onCommand } = options
  const address = `./${path.slice(path.lastIndexOf('/') + 1)}`.replace(/[\\,:!"'([{]/g, (character) => `\\${character}`)
  const privilege = sudo ? ['sudo', '-n', '--'] : []
  const look = quote([...privilege, 'test', '-S', path])
  if ((await exitCodeOf(options, live, look, signal)) !== 0) throw nobody(name, path, undefined)
  onCommand()
  const command = quote([...privilege, 'sh', '-c', socatScript, 'socat', path, address])
  return openChannel({ live, clock, command, signal, attach: (channel) => channel })
}

async function exitCodeOf(
  { clock, onCommand }: SshSocketOptions,
  live: Live,
  command: string,
  signal: AbortSignal,
): Promise<number | null> {
  onCommand()
  const attach = (channel: ClientChannel) =>
    new Promise<number | null>((resolve) => {
      channel.on('exit', (code: number | null) => resolve(code))
      channel.on('close', () => resolve(null))
      channel.resume()
      channel.stderr.resume()
      channel.end()
    })
  // In an object: a promise in a promise would be awaited too early.
  const { exit } = await openChannel({ live, clock, command, signal, attach: (channel) => ({ exit: attach(channel) }) })
  return unlessAborted(exit, AbortSignal.any([signal, live.lost]))
}
