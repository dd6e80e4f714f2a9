/** A real RabbitMQ of its own: private data, node name, ports and port mapper, stopped, killed and choked as a test likes. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { accessSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { eventually } from './eventually.ts'
import { freePort, isListening } from './free-port.ts'

export interface RabbitMq {
  readonly url: string
  readonly port: number
  /** Its name in a cluster, and the port of the mapper that its cluster shares. */
  readonly node: string
  readonly mapper: number
  start(): Promise<void>
  stop(): Promise<void>
  /** The broker dies at once. */
  kill9(): Promise<void>
  /** An alarm of its memory, or its end: publishers are blocked meanwhile. */
  block(isBlocked: boolean): void
  /** True when the name of a replicated queue is on the disk: about half a second after the queue was made. */
  keeps(queue: string): boolean
  /** One command of rabbitmqctl; answers what it prints. */
  control(...argv: string[]): string
  close(): Promise<void>
}

const programs = '/usr/lib/rabbitmq/bin'

/** Why no RabbitMQ can run here, or undefined. */
export function rabbitObstacle(): string | undefined {
  try {
    accessSync(`${programs}/rabbitmq-server`)
    return undefined
  } catch {
    return 'RabbitMQ is not installed'
  }
}

/** A broker of its own, or a member of the cluster that another one is in: that one outlives it. */
export async function startRabbitMq(beside?: RabbitMq): Promise<RabbitMq> {
  const home = mkdtempSync(join(tmpdir(), 'nk-mq-'))
  const [port, mapper, distribution] = [await freePort(), beside?.mapper ?? (await freePort()), await freePort()]
  const environment = environmentOf(home, port, mapper, distribution)
  const node = `nk${port}@localhost`
  let server: ChildProcess | undefined
  let epmd: ChildProcess | undefined

  const control = (...argv: string[]) =>
    execFileSync(`${programs}/rabbitmqctl`, ['-q', ...argv], { env: environment, cwd: home, encoding: 'utf8' })

  async function start(): Promise<void> {
    if (!beside) epmd ??= spawn('epmd', ['-port', String(mapper), '-address', '127.0.0.1'], { stdio: 'ignore', env: environment })
    await eventually('the port mapper', () => isListening(mapper))
    server = spawn(`${programs}/rabbitmq-server`, [], { env: environment, cwd: home, stdio: 'ignore', detached: true })
    const running = server
    await eventually('RabbitMQ listens', async () => {
      if (running.exitCode !== null) throw new Error(`RabbitMQ ended: ${log(home)}`)
      return isListening(port)
    })
  }
  async function end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    const running = server
    server = undefined
    if (running?.pid === undefined || running.exitCode !== null) return
    const ended = new Promise((resolve) => running.once('exit', resolve))
    // The program is a script: its whole group is the broker.
    process.kill(-running.pid, signal)
    await ended
    await eventually('RabbitMQ is gone', async () => !(await isListening(port)))
  }
  await start()
  if (beside) for (const words of [['stop_app'], ['join_cluster', beside.node], ['start_app']]) control(...words)
  return {
    ...{ node, mapper, port, url: `amqp://guest@127.0.0.1:${port}`, start, control },
    stop: () => end('SIGTERM'),
    kill9: () => end('SIGKILL'),
    keeps: (queue) => readFileSync(join(home, 'data', node, 'quorum', node, 'names.dets')).includes(queue),
    block: (isBlocked) => void control('set_vm_memory_high_watermark', isBlocked ? '0.0001' : '0.6'),
    async close() {
      await end('SIGKILL')
      epmd?.kill('SIGKILL')
      rmSync(home, { recursive: true, force: true })
    },
  }
}

function environmentOf(home: string, port: number, mapper: number, distribution: number): NodeJS.ProcessEnv {
  mkdirSync(join(home, 'log'))
  writeFileSync(join(home, '.erlang.cookie'), 'NOVAKITTEST', { mode: 0o400 })
  writeFileSync(
    join(home, 'rabbitmq.conf'),
    [
      `listeners.tcp.1 = 127.0.0.1:${port}`,
      'disk_free_limit.absolute = 50MB',
      'log.file.level = warning',
      'cluster_partition_handling = pause_minority',
      '',
    ].join('\n'),
  )
  writeFileSync(join(home, 'enabled_plugins'), '[].')
  return {
    ...{ PATH: process.env.PATH, HOME: home, LC_ALL: 'C.UTF-8' },
    ERL_EPMD_PORT: String(mapper),
    ERL_EPMD_ADDRESS: '127.0.0.1',
    RABBITMQ_NODENAME: `nk${port}@localhost`,
    RABBITMQ_NODE_PORT: String(port),
    RABBITMQ_NODE_IP_ADDRESS: '127.0.0.1',
    RABBITMQ_DIST_PORT: String(distribution),
    RABBITMQ_CONFIG_FILE: join(home, 'rabbitmq.conf'),
    RABBITMQ_CONF_ENV_FILE: join(home, 'none.conf'),
    RABBITMQ_ENABLED_PLUGINS_FILE: join(home, 'enabled_plugins'),
    RABBITMQ_MNESIA_BASE: join(home, 'data'),
    RABBITMQ_LOG_BASE: join(home, 'log'),
    RABBITMQ_PID_FILE: join(home, 'pid'),
    // Schedulers that spin for work take the processors from what is tested.
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: '+S 2:2 +sbwt none +sbwtdcpu none +sbwtdio none',
  }
}

function log(home: string): string {
  try {
    return execFileSync('sh', ['-c', `tail -n 20 ${home}/log/*`], { encoding: 'utf8' })
  } catch {
    return readFileSync(join(home, 'rabbitmq.conf'), 'utf8')
  }
}
