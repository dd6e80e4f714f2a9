/** A whole cluster on this machine: a real broker, a real database, and daemons of the built program, each killed and started as a test likes. */
import { mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import type { OpenClient } from '../../src/api/socket-client.ts'
import { openSocketClient } from '../../src/api/socket-client.ts'
import { type CliResult, spawnNova } from './cli.ts'
import { eventually } from './eventually.ts'
import { type Postgres, startPostgres } from './postgres.ts'
import { type RabbitMq, startRabbitMq } from './rabbitmq.ts'

export interface Member {
  readonly name: string
  readonly state: string
  readonly pid: number
  readonly ended: Promise<CliResult>
  kill(signal?: NodeJS.Signals): void
}

export interface MemberOptions {
  readonly roles: string
  readonly hosts?: string
  readonly env?: Readonly<Record<string, string>>
  /** A program and its arguments that runs the daemon, for example in a network of its own; it must become the daemon. */
  readonly under?: readonly string[]
}

export interface Cluster {
  readonly broker: RabbitMq
  readonly database: Postgres
  /** Starts a daemon; the same name again is the same machine after a restart. Resolves when it is registered. */
  start(name: string, options: MemberOptions): Promise<Member>
  /** A connection to a daemon; a worker answers for itself alone. */
  client(name: string): Promise<OpenClient>
  close(): Promise<void>
}

/** Milliseconds that a daemon may live. */
const lifeMs = 7_200_000

/** Where the fake hypervisors of the hosts keep their guests: the same for every worker. */
export const hypervisorOf = (directory: string, host: string) => path.join(directory, host)

export async function aCluster(
  settings: Readonly<Record<string, string>> = {},
): Promise<Cluster & { readonly directory: string }> {
  const directory = mkdtempSync(path.join(os.tmpdir(), 'nk-'))
  const [broker, database] = await Promise.all([startRabbitMq(), startPostgres({ fsync: false })])
  const members = new Map<string, Member>()

  async function start(name: string, { roles, hosts, env = {}, under = [] }: MemberOptions): Promise<Member> {
    const state = path.join(directory, name)
    const isWorker = roles === 'compute'
    const where = ['--bus', broker.url, ...(isWorker ? [] : ['--database', database.url()])]
    const args = ['daemon', 'run', '--roles', roles, '--name', name, ...where, ...(hosts ? ['--hosts', hosts] : [])]
    const running = await spawnNova(args, { state, env: { ...settings, ...env }, timeoutMs: lifeMs, under })
    const member = {
      name,
      state,
      pid: running.pid,
      ended: running.ended,
      kill: (signal: NodeJS.Signals = 'SIGKILL') => running.kill(signal),
    }
    members.set(name, member)
    let failure: CliResult | undefined
    void running.ended.then((result) => {
      failure = result
    })
    const isUp = async () => {
      if (failure) throw new Error(`${name} ended: ${failure.stderr}`)
      // First what keeps nobody waiting: a proxy of this process may carry what the daemon says.
      if (!(await answers(path.join(state, 'nova.sock')))) return false
      const registered = database.query(
        `SELECT record->'process'->>'pid' FROM novakit.versions WHERE tbl = 'services' AND id = '${name}' AND until IS NULL`,
      )
      return registered === String(running.pid)
    }
    await eventually(`${name} serves`, async () => isUp().catch((error) => (failure ? Promise.reject(error) : false)))
    return member
  }

  return {
    ...{ broker, database, directory, start },
    async client(name) {
      const opened = await openSocketClient(path.join(directory, name, 'nova.sock'))
      if (!opened) throw new Error(`${name} takes no calls`)
      return opened
    },
    async close() {
      for (const member of members.values()) member.kill()
      await Promise.all([...members.values()].map(({ ended }) => ended))
      await Promise.all([broker.close(), database.close()])
      rmSync(directory, { recursive: true, force: true })
    },
  }
}

async function answers(socket: string): Promise<boolean> {
  const client = await openSocketClient(socket)
  const answer = await client?.call('ping', {}).catch(() => undefined)
  client?.close()
  return answer === 'pong'
}
