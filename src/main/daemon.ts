/** The daemon: one core, its doors, and the life of its process. */
import type { ActionTable } from '../api/dispatcher.ts'
import { Fault } from '../core/fault.ts'
import { iso } from '../core/time.ts'
import { checkPolicy } from '../read-policy.ts'
import { readSettings } from '../read-settings.ts'
import { systemClock as clock } from '../system/clock.ts'
import { systemFs } from '../system/fs.ts'
import { openLog } from '../system/log.ts'
import { systemProcesses } from '../system/processes.ts'
import { notifyReload, notifyService, watchdogMs } from '../system/service-notify.ts'
import { adopter } from './adopter.ts'
import { openBus } from './bus.ts'
import { type Core, openCore } from './core.ts'
import { logFileOf, socketOf, takeDaemonLock } from './daemon-lock.ts'
import { openDesk } from './desk.ts'
import { type Doors, openDoors } from './doors.ts'
import { startFollowers } from './followers.ts'
import { flowsByBus, takeUpRoles } from './roles.ts'
import { rolesOf } from './service.ts'
import { endOfService } from './signals.ts'
import { sweeper } from './sweeper.ts'
import { runWorker } from './worker-daemon.ts'

export interface DaemonOptions {
  readonly stateDirectory: string
  readonly actions: ActionTable
  readonly version: string
  /** Log to `<state>/daemon.log` instead of stderr. */
  readonly logToFile: boolean
}

/** The most bytes that a path of a unix socket may have on Linux. */
const longestSocketPath = 107

/** Serves until SIGTERM or SIGINT, then drains. Fault `conflict` when another daemon serves the directory. */
export async function runDaemon(options: DaemonOptions): Promise<void> {
  const { stateDirectory, version } = options
  const socket = socketOf(stateDirectory)
  if (Buffer.byteLength(socket) > longestSocketPath)
    throw new Fault(
      'invalid',
      `the socket path ${socket} has ${Buffer.byteLength(socket)} bytes, the limit is ${longestSocketPath}`,
      {
        hint: 'choose a shorter state directory',
      },
    )
  const startedAt = iso(clock.wall())
  const release = await takeDaemonLock(stateDirectory, {
    ...systemProcesses.self(),
    startedAt,
    version,
    inForeground: !options.logToFile,
  })
  try {
    const settings = readSettings(systemFs, stateDirectory, process.env)
    const isWorker = rolesOf(settings).every((role) => role === 'compute')
    await (isWorker ? runWorker(options, settings) : serve(options, startedAt, socket))
  } catch (error) {
    // What a daemon that did not come up holds open, a connection to the broker, must not keep its process.
    setTimeout(() => process.exit(process.exitCode ?? 1), 1000).unref()
    throw error
  } finally {
    release()
  }
}

async function serve({ stateDirectory, actions, version, logToFile }: DaemonOptions, startedAt: string, path: string) {
  const settings = readSettings(systemFs, stateDirectory, process.env)
  const roles = rolesOf(settings)
  const file = logToFile ? logFileOf(stateDirectory) : undefined
  const log = await openLog({ level: settings.logLevel, file, maxBytes: settings.logMaxBytes })
  const note = (message: string) => log.info(message)
  const bus = settings.bus === '' ? undefined : await openBus({ url: settings.bus, stateDirectory, note })
  const elsewhere = bus && !roles.includes('conductor') ? flowsByBus(bus) : undefined
  const background = async () => hands.wake()
  const core: Core = openCore({ stateDirectory, recovers: false, background, bus, elsewhere, note })
  checkPolicy(await core.reload(), await actions.names())
  const duties = await takeUpRoles({ core, bus, stateDirectory, version, note })
  const everyMs = settings.daemonAdoptSeconds * 1000
  const hands = bus
    ? sweeper({ core, leader: duties.leader, isConductor: elsewhere === undefined, everyMs, note })
    : adopter({ core: () => core, everyMs, note })
  let stop: Fault | undefined
  let doors: Doors | undefined
  const reload = () =>
    notifyReload(async () => {
      checkPolicy(await core.reload(), await actions.names())
      doors?.renew()
      log.level = core.settings.logLevel
      log.info('settings were read again')
      return { reloaded: true }
    })
  const about = { stateDirectory, version, startedAt, socket: path }
  const desk = openDesk({ core, actions, log, about, bus, reload, stopping: () => stop })
  // From now on the doors answer: who heard of that may send a signal.
  const ending = endOfService(() => void reload().catch((error) => log.error({ reason: String(error) }, 'reload refused')))
  doors = await openDoors({ core, desk, log, about })
  hands.wake()
  const stopFollowing = startFollowers({ core, log, stateDirectory, bus, isLeader: duties.leader.isLeader })
  log.info({ version, stateDirectory, doors: doors.names }, 'ready')
  await notifyService('READY=1', `STATUS=serving ${stateDirectory}`)
  const watchdog = watchdogMs()
  const alive = watchdog === undefined ? undefined : setInterval(() => void notifyService('WATCHDOG=1'), watchdog)
  const reason = await ending

  log.info({ reason, flows: core.ledger.running.size }, 'draining')
  stop = new Fault('unreachable', 'the daemon is going down', {
    hint: 'try again in some seconds',
    details: { retryAfterSeconds: 5 },
  })
  core.ledger.stopping = new Fault('timeout', 'the daemon is going down; the operation goes on when nova runs again')
  await notifyService('STOPPING=1')
  hands.stop()
  duties.stopServing()
  await stopFollowing()
  doors.stopListening()
  await drained(core, settings.daemonDrainSeconds * 1000)
  desk.dispatcher.stop(core.ledger.stopping)
  desk.endStreams(stop)
  // Time for the last answers to be written before the connections end.
  await clock.sleep(20)
  await doors.close()
  clearInterval(alive)
  await duties.end()
  await bus?.close()
  await core.close()
  log.info({ flows: core.ledger.running.size }, 'ended')
}

/** Resolves when no flow runs any more, or after `ms`: what is left then is repeated by the next process. */
async function drained(core: Core, ms: number): Promise<void> {
  const end = clock.monotonic() + ms
  while (core.ledger.running.size > 0 && clock.monotonic() < end) await clock.sleep(20)
}
