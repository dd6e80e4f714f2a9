/** The one place where an ssh connection is made: modern algorithms, the host's key verified, no password, no forwarding. */
import type { Duplex } from 'node:stream'
import type { Algorithms, Client, ServerHostKeyAlgorithm } from 'ssh2'
import { asFault, Fault } from '../core/fault.ts'
import type { Clock } from '../core/ports.ts'
import { formatSshAddress } from '../model/ssh-address.ts'
import { oneLine } from './command-fault.ts'
import type { KnownHosts } from './known-hosts-files.ts'
import type { SshTarget } from './ssh-config.ts'
import { ssh2 } from './ssh-library.ts'
import type { Logins } from './ssh-logins.ts'

/** No SHA-1, no CBC, no group below 3072 bits. */
export const algorithms = {
  kex: [
    'curve25519-sha256',
    'curve25519-sha256@libssh.org',
    'ecdh-sha2-nistp256',
    'ecdh-sha2-nistp384',
    'ecdh-sha2-nistp521',
    'diffie-hellman-group16-sha512',
    'diffie-hellman-group18-sha512',
  ],
  cipher: [
    'aes128-gcm@openssh.com',
    'aes256-gcm@openssh.com',
    'chacha20-poly1305@openssh.com',
    'aes128-ctr',
    'aes192-ctr',
    'aes256-ctr',
  ],
  hmac: ['hmac-sha2-256-etm@openssh.com', 'hmac-sha2-512-etm@openssh.com', 'hmac-sha2-256', 'hmac-sha2-512'],
  compress: ['none'],
} satisfies Algorithms

const hostKeys: readonly ServerHostKeyAlgorithm[] = [
  'ssh-ed25519',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'rsa-sha2-512',
  'rsa-sha2-256',
]

export interface SshClientOptions {
  /** The host's name in our records. */
  readonly name: string
  readonly target: SshTarget
  readonly knownHosts: KnownHosts
  readonly logins: Logins
  /** The way to the server: a TCP socket, or a channel through another host. */
  readonly wire: Duplex
  readonly clock: Clock
  readonly deadlineMs: number
}

const keepaliveMs = 5000
const keepalivesMissed = 3

/** A client that is logged in. Faults `unreachable`, `forbidden` (the host's key) and `unauthenticated` (ours). */
export async function openClient(options: SshClientOptions): Promise<Client> {
  const { name, target, knownHosts, logins, wire, clock, deadlineMs } = options
  const owner = { name, host: target.host, port: target.port }
  const serverHostKey = preferred(await knownHosts.typesOf(owner))
  const { Client: SshClient } = await ssh2()
  const client = new SshClient()
  const refused: { fault?: Fault } = {}
  const deadline = clock.deadline(deadlineMs)
  return new Promise((resolve, reject) => {
    const fail = (error: unknown) => {
      deadline.removeEventListener('abort', late)
      // Errors of a connection that is given up are nobody's business.
      client.on('error', () => {})
      client.destroy()
      wire.destroy()
      reject(refused.fault ?? clientFault(options, error))
    }
    const late = () => fail(new Error(`it did not finish the login within ${deadlineMs / 1000} s`))
    deadline.addEventListener('abort', late)
    client.once('error', fail)
    client.once('close', () => fail(new Error('it closed the connection')))
    client.once('ready', () => {
      deadline.removeEventListener('abort', late)
      client.removeListener('error', fail)
      client.removeAllListeners('close')
      // Whoever takes the client listens to its end; an error without any listener would end the process.
      client.on('error', () => {})
      resolve(client)
    })
    if (wire.destroyed) return fail(new Error('it closed the connection'))
    client.connect({
      sock: wire,
      username: target.user,
      authHandler: logins.handler,
      algorithms: { ...algorithms, serverHostKey },
      hostVerifier: (key: Buffer, verify: (isKnown: boolean) => void) => {
        knownHosts.verify(owner, key).then(
          () => verify(true),
          (error: unknown) => {
            refused.fault = asFault(error)
            verify(false)
          },
        )
      },
      readyTimeout: 0,
      keepaliveInterval: keepaliveMs,
      keepaliveCountMax: keepalivesMissed,
    })
  })
}

/** The types under which the host is known come first: a server with several keys then shows a known one. */
function preferred(types: readonly string[]): ServerHostKeyAlgorithm[] {
  const isKnown = (algorithm: string) => types.includes(algorithm.startsWith('rsa-') ? 'ssh-rsa' : algorithm)
  return [...hostKeys.filter(isKnown), ...hostKeys.filter((algorithm) => !isKnown(algorithm))]
}

function clientFault({ name, target, logins }: SshClientOptions, error: unknown): Fault {
  const message = oneLine(error instanceof Error ? error.message : String(error))
  const where = formatSshAddress(target)
  if (error instanceof Error && 'level' in error && error.level === 'client-authentication') {
    const offered = logins.offered.length === 0 ? 'there was no key to offer' : `offered: ${logins.offered.join(', ')}`
    return new Fault('unauthenticated', `host ${name}: ${where} refused the login; ${offered}`, {
      hint: `add a public key to ~${target.user}/.ssh/authorized_keys there, or give --identity`,
      cause: error,
    })
  }
  return new Fault('unreachable', `host ${name}: no ssh connection to ${where}: ${message}`, { cause: error })
}
