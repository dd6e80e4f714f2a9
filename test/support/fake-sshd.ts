/** An ssh server whose every misbehaviour a test decides. Any key may log in. */
import ssh2, { type Connection, type ServerChannel, type Session } from 'ssh2'
import { listening } from './wire-proxy.ts'

const { Server, utils } = ssh2

export interface FakeSshd {
  readonly port: number
  /** Type and key as in a known_hosts line. */
  readonly key: string
  /** Lines that were to be executed. */
  readonly commands: string[]
  close(): Promise<void>
}

export interface FakeSshdOptions {
  /** What a command does; by default it exits 0 at once. */
  readonly exec?: (channel: ServerChannel, command: string) => void
  /** How many sessions are refused before one is granted. */
  readonly refusals?: number
}

/** Listens on this machine with a key of its own. */
export async function fakeSshd({ exec = endWell, refusals = 0 }: FakeSshdOptions = {}): Promise<FakeSshd> {
  const pair = utils.generateKeyPairSync('ed25519')
  const commands: string[] = []
  const open = new Set<Connection>()
  let refused = 0
  const server = new Server({ hostKeys: [pair.private] }, (connection) => {
    open.add(connection)
    connection.on('error', () => {})
    connection.on('close', () => open.delete(connection))
    connection.on('authentication', (attempt) =>
      attempt.method === 'publickey' ? attempt.accept() : attempt.reject(['publickey']),
    )
    connection.on('session', (accept, reject) => {
      refused += 1
      if (refused <= refusals) return reject()
      serve(accept(), commands, exec)
    })
  })
  return {
    port: await listening(server),
    key: pair.public.split(' ').slice(0, 2).join(' '),
    commands,
    close: async () => {
      for (const connection of open) connection.end()
      await new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}

function serve(session: Session, commands: string[], exec: (channel: ServerChannel, command: string) => void): void {
  session.on('exec', (accept, _, { command }) => {
    commands.push(command)
    const channel = accept()
    channel.on('error', () => {})
    channel.stderr.write('nova-pid 4711\n')
    exec(channel, command)
  })
}

function endWell(channel: ServerChannel): void {
  channel.exit(0)
  channel.end()
}
