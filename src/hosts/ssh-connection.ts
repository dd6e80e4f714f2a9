/** One pooled connection of a host. A connection that was lost, or is no longer trusted, is never handed out again. */
import type { Client, ClientChannel } from 'ssh2'
import { Fault } from '../core/fault.ts'
import type { Clock } from '../core/ports.ts'
import { limiter } from './limiter.ts'

/** A logged-in client and what became of it. */
export interface Live {
  readonly client: Client
  /** Aborts with a Fault `unreachable` when the connection ends. */
  readonly lost: AbortSignal
  /** Runs `work` when fewer than four others run. */
  slot<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T>
  /** No new work goes to this connection; it ends when its last work has. */
  retire(): void
}

export interface SshConnection {
  /** The connection, opened when there is none. */
  live(signal: AbortSignal): Promise<Live>
  close(): Promise<void>
}

/** sshd allows ten sessions by default, and other programs of the user share them. */
const channels = 4
const openAttempts = 7

/** The pool of one host: `open` makes a client. */
export function sshConnection(name: string, open: () => Promise<Client>): SshConnection {
  let current: Promise<Live> | undefined
  let isClosed = false
  const forget = (made: Promise<Live>) => {
    if (current === made) current = undefined
  }
  const opened = (): Promise<Live> => {
    const made: Promise<Live> = open().then((client) => watched(name, client, () => forget(made)))
    made.catch(() => forget(made))
    return made
  }
  return {
    async live(signal) {
      // What is still asked for after the end must not open a connection that nobody closes.
      if (isClosed) throw new Fault('unreachable', `host ${name}: its connection was closed here`)
      current ??= opened()
      return unlessAborted(current, signal)
    },
    async close() {
      isClosed = true
      const live = await current?.catch(() => undefined)
      current = undefined
      // Not end(): a host that has stopped answering would hold this process.
      live?.client.destroy()
    },
  }
}

function watched(name: string, client: Client, forget: () => void): Live {
  const lost = new AbortController()
  const slots = limiter(channels)
  let isRetired = false
  const lose = (error?: Error) => {
    forget()
    if (lost.signal.aborted) return
    const why = error === undefined ? '' : `: ${error.message}`
    lost.abort(new Fault('unreachable', `host ${name}: the ssh connection was lost${why}`, { cause: error }))
  }
  client.on('error', lose)
  client.on('close', () => lose())
  return {
    client,
    lost: lost.signal,
    async slot(signal, work) {
      try {
        return await slots.run(AbortSignal.any([signal, lost.signal]), work)
      } finally {
        if (isRetired && slots.running() === 0) client.destroy()
      }
    },
    retire() {
      isRetired = true
      forget()
      if (slots.running() === 0) client.destroy()
    },
  }
}

/** The promise's result, or the signal's reason when that comes first. */
export function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason)
    if (signal.aborted) abort()
    signal.addEventListener('abort', abort, { once: true })
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort))
  })
}

export interface ChannelRequest<T> {
  readonly live: Live
  readonly clock: Clock
  readonly command: string
  readonly signal: AbortSignal
  /** Listens to the channel at once: its first events come with the same packet as the channel. */
  readonly attach: (channel: ClientChannel) => T
  /** Gets what was attached when the channel came after the signal had aborted: its command runs. */
  readonly abandon?: (attached: T) => void
}

/** A channel that executes a command; a server that has no channel free for a moment is asked again. */
export async function openChannel<T>(request: ChannelRequest<T>): Promise<T> {
  const { live, clock, signal } = request
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await exec(request)
    } catch (error) {
      const isRefused = error instanceof Error && error.message.includes('Channel open failure')
      if (!isRefused || attempt === openAttempts || live.lost.aborted) throw error
      await clock.sleep(25 * 2 ** attempt, signal)
    }
  }
}

function exec<T>({ live, command, signal, attach, abandon }: ChannelRequest<T>): Promise<T> {
  const attached = new Promise<T>((resolve, reject) => {
    live.client.exec(command, (error, channel) => {
      if (error) return reject(error)
      const made = attach(channel)
      if (signal.aborted) abandon === undefined ? channel.close() : abandon(made)
      resolve(made)
    })
  })
  return unlessAborted(attached, AbortSignal.any([signal, live.lost]))
}
