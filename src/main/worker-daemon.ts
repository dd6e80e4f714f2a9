/** The daemon of a machine that only serves hosts: it has the bus, and no key to the records. */

import type { ActionTable } from '../api/dispatcher.ts'
import { requestCounts } from '../api/request-counts.ts'
import { wireVersion } from '../bus/rabbitmq-wire.ts'
import { asFault, Fault } from '../core/fault.ts'
import { parse, z } from '../core/schema.ts'
import { hostRecord } from '../model/host.ts'
import type { Settings } from '../settings.ts'
import { newestForm } from '../state/json/migrations.ts'
import { systemClock as clock } from '../system/clock.ts'
import { openLog } from '../system/log.ts'
import { notifyService } from '../system/service-notify.ts'
import { openBus } from './bus.ts'
import { logFileOf } from './daemon-lock.ts'
import { factsOf, recordsTopic, reportEvery } from './service.ts'
import { askImageServices, serviceImages } from './service-images.ts'
import { endOfService } from './signals.ts'
import { serveHosts } from './worker.ts'
import { openWorkerDesk } from './worker-desk.ts'

export interface WorkerDaemonOptions {
  readonly stateDirectory: string
  readonly version: string
  readonly logToFile: boolean
  readonly actions: ActionTable
}

const reportAnswer = z.object({ messages: z.int().min(1).default(1) })

/** Milliseconds that a conductor has for a question, long enough for all of them to be started again. */
const askMs = 60_000
/** Milliseconds that the first conductor may take to come up. */
const registerMs = 300_000

/** Conductors may come up after their workers. */
async function register(report: () => Promise<unknown>): Promise<void> {
  for (const end = clock.monotonic() + registerMs; ; await clock.sleep(500)) {
    try {
      await report()
      return
    } catch (error) {
      if (asFault(error).kind !== 'unreachable' || clock.monotonic() > end) throw error
    }
  }
}

/** Serves its hosts until SIGTERM or SIGINT. */
export async function runWorker(options: WorkerDaemonOptions, settings: Settings): Promise<void> {
  const { stateDirectory, version, logToFile, actions } = options
  // From now on they are known, whatever becomes of the program's files; only `rpc.discover` asks for them here.
  await actions.names().catch(() => undefined)
  const file = logToFile ? logFileOf(stateDirectory) : undefined
  const log = await openLog({ level: settings.logLevel, file, maxBytes: settings.logMaxBytes })
  const note = (message: string) => log.info(message)
  const bus = await openBus({ url: settings.bus, stateDirectory, note })
  const facts = factsOf(settings, version)
  const ask = (method: string, args: unknown, deadlineMs = askMs) => bus.request(recordsTopic, { method, args }, { deadlineMs })
  const reportMs = facts.reportSeconds * 1000
  const counts = requestCounts()
  let heardAt = clock.monotonic()
  let stop: Fault | undefined
  // A conductor of version 1 refuses a field that it does not know.
  const said = () => ({ ...facts, ...((bus.speaks ?? 1) < 2 ? { understands: undefined } : {}) })
  const report = async (deadlineMs: number) => {
    // The answer of a conductor of the version before says nothing of messages.
    bus.speak?.(parse(reportAnswer, (await ask('report', said(), deadlineMs)) ?? {}).messages)
    heardAt = clock.monotonic()
  }
  await register(() => report(askMs))
  // Once more, in what the conductors read.
  if (bus.speaks === wireVersion) await report(askMs)
  const stopReporting = reportEvery(facts, () => report(reportMs), note)
  const recordOf = async (name: string) => {
    const found = parse(
      z.union([z.looseObject({ id: z.string(), generation: z.int() }), z.null()]),
      await ask('hostRecord', { name }),
    )
    // An older conductor's record lacks what came since.
    return found === null ? undefined : parse(hostRecord, newestForm('hosts', found))
  }
  const ended = (method: string, fault: Fault | undefined, ms: number) => counts.note(`compute.${method}`, fault?.kind, ms)
  const services = askImageServices(ask)
  const images = serviceImages({ stateDirectory, service: facts.id, bus, services, settings: () => settings, note })
  const stopImages = images.serve()
  const worker = serveHosts({ bus, settings, stateDirectory, recordOf, images, ended })
  const ending = endOfService(() => undefined)
  const desk = await openWorkerDesk({
    ...options,
    settings,
    log,
    worker,
    counts,
    bus,
    silentMs: () => clock.monotonic() - heardAt,
    stopping: () => stop,
  })
  log.info({ version, hosts: settings.daemonHosts }, 'ready')
  await notifyService('READY=1', `STATUS=serving ${settings.daemonHosts.length} hosts`)
  const reason = await ending
  log.info({ reason }, 'draining')
  stop = new Fault('unreachable', 'the daemon is going down', { details: { retryAfterSeconds: 5 } })
  await notifyService('STOPPING=1')
  worker.stop()
  stopReporting()
  await worker.end()
  stopImages()
  await ask('end', said(), reportMs).catch((error) => note(`the service's end was not noted: ${asFault(error).message}`))
  await desk.close()
  await bus.close()
  log.info('ended')
}
