/** A real PostgreSQL of its own: private data directory, own port on the loopback, stopped and killed as a test likes. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import {
  accessSync,
  chmodSync,
  chownSync,
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort, isListening } from './free-port.ts'

export interface PostgresOptions {
  /** Whether commits reach the disk; on unless only answers and deaths of the server count, not those of the machine. */
  readonly fsync?: boolean
  /** Where the data goes; a temporary directory by default. */
  readonly directory?: string
  /** Lines for postgresql.conf. */
  readonly settings?: readonly string[]
}

export interface Postgres {
  readonly port: number
  /** The state's URL; every schema is a store of its own. */
  url(schema?: string, port?: number): string
  start(): Promise<void>
  /** Ends it as a restart for maintenance does. */
  stop(): Promise<void>
  /** The server and all its processes die at once. */
  kill9(): Promise<void>
  /** One statement as the owner; answers psql's bare output. */
  query(sql: string): string
  close(): Promise<void>
}

/** Why no PostgreSQL can run here, or undefined. */
export const postgresObstacle = (): string | undefined => (binaries() === undefined ? 'PostgreSQL is not installed' : undefined)

/** Debian keeps the server's programs out of the PATH, a folder for each version. */
function binaries(): string | undefined {
  try {
    const versions = readdirSync('/usr/lib/postgresql').sort((one, other) => Number(other) - Number(one))
    return versions.map((version) => `/usr/lib/postgresql/${version}/bin`).find((folder) => isThere(`${folder}/postgres`))
  } catch {
    return undefined
  }
}

function isThere(path: string): boolean {
  try {
    accessSync(path)
    return true
  } catch {
    return false
  }
}

/** PostgreSQL refuses to run as root. */
const nobody = 65534
const asUser = process.getuid?.() === 0 ? ['setpriv', `--reuid=${nobody}`, `--regid=${nobody}`, '--clear-groups'] : []
const environment = { PATH: process.env.PATH ?? '', LC_ALL: 'C', TZ: 'UTC' }

export async function startPostgres({ fsync = true, directory, settings = [] }: PostgresOptions = {}): Promise<Postgres> {
  const bin = binaries()
  if (bin === undefined) throw new Error('PostgreSQL is not installed')
  const home = directory ?? mkdtempSync(join(tmpdir(), 'nk-pg-'))
  const data = join(home, 'data')
  mkdirSync(data, { recursive: true, mode: 0o700 })
  chmodSync(home, 0o755)
  if (asUser.length > 0) chownSync(data, nobody, nobody)
  const initdb = [...asUser, `${bin}/initdb`, '-D', data, '-U', 'nova', '-A', 'trust', '-E', 'UTF8', '--locale=C', '-N']
  run(initdb)
  const port = await freePort()
  writeFileSync(join(data, 'postgresql.auto.conf'), configuration(port, data, fsync, settings).join('\n'))
  let server: ChildProcess | undefined
  const psql = (sql: string, database = 'nova') =>
    run([
      `${bin}/psql`,
      '-XAtq',
      '-v',
      'ON_ERROR_STOP=1',
      '-h',
      '127.0.0.1',
      '-p',
      String(port),
      '-U',
      'nova',
      '-d',
      database,
      '-c',
      sql,
    ])

  async function start(): Promise<void> {
    const [program = '', ...argv] = [...asUser, `${bin}/postgres`, '-D', data]
    const log = openSync(join(home, 'log'), 'w')
    const begin = () => spawn(program, argv, { env: environment, stdio: ['ignore', log, log], cwd: '/' })
    let running = begin()
    server = running
    const ask = async () => {
      // After a kill the shared memory of the old server may still be held for a moment: the new one then ends at once.
      if (running.exitCode !== null) running = begin()
      server = running
      if (!(await isListening(port))) throw new Error('nobody listens')
      psql('SELECT 1', 'postgres')
    }
    await untilAnswers(ask).catch((error: unknown) => {
      throw new Error(`PostgreSQL does not answer on port ${port}: ${String(error)}\n${readFileSync(join(home, 'log'), 'utf8')}`)
    })
    closeSync(log)
  }
  async function end(signal: 'SIGINT' | 'SIGKILL'): Promise<void> {
    const running = server
    server = undefined
    if (!running || running.exitCode !== null || running.signalCode !== null) return
    const children = signal === 'SIGKILL' ? childrenOf(running.pid) : []
    const ended = new Promise((resolve) => running.once('exit', resolve))
    running.kill(signal)
    for (const pid of children) killNow(pid)
    await ended
  }
  await start()
  psql('CREATE DATABASE nova', 'postgres')
  return {
    port,
    url: (schema = 'novakit', at = port) => `postgres://nova@127.0.0.1:${at}/nova?schema=${schema}`,
    start,
    stop: () => end('SIGINT'),
    kill9: () => end('SIGKILL'),
    query: (sql) => psql(sql),
    async close() {
      await end('SIGKILL')
      if (directory === undefined) rmSync(home, { recursive: true, force: true })
    },
  }
}

function configuration(port: number, data: string, fsync: boolean, settings: readonly string[]): string[] {
  return [
    ...["listen_addresses = '127.0.0.1'", `port = ${port}`, `unix_socket_directories = '${data}'`],
    ...['max_connections = 60', 'shared_buffers = 64MB', 'logging_collector = off'],
    ...(fsync ? [] : ['fsync = off', 'full_page_writes = off']),
    ...settings,
    '',
  ]
}

function run(argv: readonly string[]): string {
  const [program = '', ...rest] = argv
  return execFileSync(program, rest, { env: environment, cwd: '/', encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim()
}

/** Waits until the server takes connections and has finished its recovery. */
async function untilAnswers(ask: () => Promise<void>): Promise<void> {
  for (const end = performance.now() + 60_000; ; ) {
    try {
      return await ask()
    } catch (error) {
      if (performance.now() > end) throw error
    }
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

function childrenOf(pid: number | undefined): number[] {
  const found = pid === undefined ? '' : run(['sh', '-c', `cat /proc/${pid}/task/*/children`])
  return found.split(' ').filter(Boolean).map(Number)
}

function killNow(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It died with its parent.
  }
}
