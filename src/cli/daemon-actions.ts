/** `nova daemon …`: the daemon's life, from the process that was asked. */
import { Fault } from '../core/fault.ts'
import { count, object, text, z } from '../core/schema.ts'
import { environmentName } from '../setting-names.ts'
import { actionTable } from './action-table.ts'
import { commandTable } from './command-table.ts'
import { defineLocal } from './local-action.ts'

const facts = z.object({ pid: z.int(), stateDirectory: z.string(), startedAt: z.string(), version: z.string() })

export const daemonRun = defineLocal({
  name: 'daemon.run',
  summary: 'serve in the foreground until SIGTERM, for systemd and containers',
  effect: 'read',
  policy: 'admin',
  input: object({
    logFile: z.boolean().default(false).describe('log to daemon.log in the state directory, not to stderr'),
    roles: text(200).optional().describe('what it does among others: api, conductor, compute, with commas between'),
    hosts: text(65_536).optional().describe('hosts that it serves as compute, with commas between'),
    bus: text(2048).optional().describe('URL of the message queue: amqps://USER@HOST'),
    database: text(2048).optional().describe('URL of the records: postgres://USER@HOST/DATABASE'),
    name: text(255).optional().describe('its name among the services'),
  }),
  output: z.object({ stateDirectory: z.string() }),
  async run({ logFile, ...said }, call) {
    const { stateDirectory } = call.target()
    applySettings(said)
    const { runDaemon } = await import('../main/daemon.ts')
    await runDaemon({ stateDirectory, actions: actionTable, version: commandTable.version, logToFile: logFile })
    return { stateDirectory }
  },
})

interface Said {
  readonly roles?: string | undefined
  readonly hosts?: string | undefined
  readonly bus?: string | undefined
  readonly database?: string | undefined
  readonly name?: string | undefined
}

/** Flags are settings for this process alone: they take the place of those in its environment. */
function applySettings({ roles, hosts, bus, database, name }: Said): void {
  const list = (text: string | undefined) => text && JSON.stringify(text.split(',').map((part) => part.trim()))
  for (const [key, value] of [
    ['daemonRoles', list(roles)],
    ['daemonHosts', list(hosts)],
    ['bus', bus],
    ['database', database],
    ['serviceName', name],
  ] as const)
    if (value !== undefined) process.env[environmentName(key)] = value
}

export const daemonStart = defineLocal({
  name: 'daemon.start',
  summary: 'start a daemon for the state directory in the background',
  effect: 'write',
  policy: 'admin',
  input: object({}),
  output: facts,
  async run(_input, call) {
    const { stateDirectory } = call.target()
    const { startDaemon } = await import('../main/daemon-control.ts')
    const { pid, startedAt, version } = await startDaemon(stateDirectory)
    return { pid, stateDirectory, startedAt, version }
  },
})

export const daemonStop = defineLocal({
  name: 'daemon.stop',
  summary: 'let the daemon reach step boundaries, and end it; the next nova goes on with its work',
  effect: 'write',
  policy: 'admin',
  input: object({
    wait: count(1, 3600).default(60).describe('seconds to wait for its end'),
    force: z.boolean().default(false).describe('kill it when it has not ended by then'),
  }),
  output: z.object({ stateDirectory: z.string(), pid: z.int().nullable() }),
  async run({ wait, force }, call) {
    const { stateDirectory } = call.target()
    const { stopDaemon } = await import('../main/daemon-control.ts')
    const stopped = await stopDaemon(stateDirectory, wait * 1000, force)
    return { stateDirectory, pid: stopped?.pid ?? null }
  },
})

const status = z.object({
  running: z.boolean(),
  stateDirectory: z.string(),
  pid: z.int().nullable(),
  version: z.string().nullable(),
  startedAt: z.string().nullable(),
  uptimeSeconds: z.int().nullable(),
  calls: z.int().nullable(),
  waiting: z.int().nullable(),
  connections: z.int().nullable(),
  flows: z.int().nullable(),
  stopping: z.boolean().nullable(),
})
type Told = Partial<Record<string, number | string | boolean>>

export const daemonStatus = defineLocal({
  name: 'daemon.status',
  summary: 'show whether a daemon serves the state directory, and what it does',
  effect: 'read',
  policy: 'reader',
  input: object({}),
  output: status,
  async run(_input, call) {
    const { stateDirectory } = call.target()
    const { askDaemon } = await import('../main/daemon-control.ts')
    const told = await askDaemon(stateDirectory, 'daemon.status').catch((error: unknown) => {
      if (error instanceof Fault && error.kind === 'unreachable') return undefined
      throw error
    })
    const { pid = null, version = null, startedAt = null, uptimeSeconds = null, ...rest } = Object(told ?? {}) as Told
    const { running: calls = null, waiting = null, connections = null, flows = null, stopping = null } = rest
    const seen = { pid, version, startedAt, uptimeSeconds, calls, waiting, connections, flows, stopping }
    return status.parse({ running: told !== undefined, stateDirectory, ...seen })
  },
})

export const daemonReload = defineLocal({
  name: 'daemon.reload',
  summary: 'let the daemon read its settings and policy again',
  effect: 'write',
  policy: 'admin',
  input: object({}),
  output: z.object({ reloaded: z.boolean() }),
  async run(_input, call) {
    const { askDaemon } = await import('../main/daemon-control.ts')
    await askDaemon(call.target().stateDirectory, 'daemon.reload')
    return { reloaded: true }
  },
})

export const daemonLogs = defineLocal({
  name: 'daemon.logs',
  summary: 'show the end of the log of a daemon that was started in the background',
  effect: 'read',
  policy: 'admin',
  input: object({
    lines: count(1, 10_000).default(50).describe('lines from the end'),
    follow: z.boolean().default(false).describe('go on with what is logged from now, until Ctrl-C'),
    since: text(64).optional().describe('only what came after this place, the `next` of an earlier call'),
  }),
  output: z.object({
    lines: z.array(z.string()).max(1024 ** 2),
    next: z.string().describe('`since` of what comes after these'),
  }),
  async run({ lines, since }, call) {
    const { followDaemonLog, readDaemonLog } = await import('../main/daemon-log.ts')
    const { stateDirectory } = call.target()
    return since === undefined ? readDaemonLog(stateDirectory, lines) : followDaemonLog(stateDirectory, since, call.signal)
  },
})
