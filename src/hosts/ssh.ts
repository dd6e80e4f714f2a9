/** A machine reached by ssh as a host: nothing of ours is installed there, and one connection carries everything. */
import type { Clock } from '../core/ports.ts'
import { parseSshAddress } from '../model/ssh-address.ts'
import { errorCode } from './file-fault.ts'
import type { Host } from './host.ts'
import type { KnownHosts } from './known-hosts-files.ts'
import { files } from './local-files.ts'
import { sshConnection } from './ssh-connection.ts'
import { sshFiles } from './ssh-files.ts'
import { sshListen } from './ssh-listen.ts'
import type { AskPassphrase } from './ssh-logins.ts'
import { type RouteOptions, routeTo } from './ssh-route.ts'
import { sshRunner } from './ssh-run.ts'
import { sshSocket } from './ssh-socket.ts'
import { openRemote, writeRemote } from './ssh-stream.ts'
import { sshUpload } from './ssh-upload.ts'

export interface SshHostOptions {
  readonly name: string
  /** `[user@]name[:port]`; the name may be one of ~/.ssh/config. */
  readonly address: string
  readonly identityFile?: string | undefined
  /** Hosts to pass through, `[user@]name[:port]` with commas; the configuration's ProxyJump when left out. */
  readonly jump?: string | undefined
  /** Run everything through `sudo -n`. */
  readonly sudo?: boolean
  readonly knownHosts: KnownHosts
  readonly clock: Clock
  readonly askPassphrase?: AskPassphrase
  /** The user's ssh configuration; ~/.ssh/config by default. */
  readonly configFile?: string
  /** The agent's socket; SSH_AUTH_SOCK by default, an empty text for none. */
  readonly agentSocket?: string
  readonly connectMs?: number
}

export interface SshHost extends Host {
  /** How many commands and sockets it has asked the host for: each is a round trip. */
  roundTrips(): number
}

const defaultConnectMs = 15_000

/** A host whose commands run over ssh; nothing is opened before the first one. */
export function sshHost(options: SshHostOptions): SshHost {
  const { name, clock, sudo = false } = options
  const address = parseSshAddress(options.address)
  let roundTrips = 0
  const onCommand = () => {
    roundTrips += 1
  }
  const connection = sshConnection(name, async () => routeTo(await routeOptions(options), address))
  const shared = { name, clock, connection, sudo, onCommand }
  const run = sshRunner(shared)
  const remoteFiles = sshFiles(name, run)
  return {
    name,
    planning: false,
    run: (argv, runOptions = {}) => run({ ...runOptions, argv }),
    ...remoteFiles,
    upload: (source, target, onProgress) => sshUpload({ host: name, run, source, target, onProgress }),
    openRead: (path) => openRemote(shared, remoteFiles.stat, path),
    writeStream: (path, source) => writeRemote(name, run, path, source),
    connect: (path) => sshSocket(shared, path),
    listen: (path, onConnection) => sshListen(shared, run, path, onConnection),
    close: () => connection.close(),
    roundTrips: () => roundTrips,
  }
}

async function routeOptions(options: SshHostOptions): Promise<RouteOptions> {
  const { homedir, userInfo } = await import('node:os')
  const home = process.env.HOME ?? homedir()
  const agentSocket = options.agentSocket ?? process.env.SSH_AUTH_SOCK
  return {
    name: options.name,
    clock: options.clock,
    knownHosts: options.knownHosts,
    identityFile: options.identityFile,
    jump: options.jump,
    askPassphrase: options.askPassphrase,
    agentSocket: agentSocket === '' ? undefined : agentSocket,
    configText: await textOf(options.configFile ?? `${home}/.ssh/config`),
    localUser: userInfo().username,
    home,
    connectMs: options.connectMs ?? defaultConnectMs,
  }
}

async function textOf(path: string): Promise<string> {
  try {
    return await (await files()).readFile(path, 'utf8')
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return ''
    throw error
  }
}
