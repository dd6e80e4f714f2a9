/** What a daemon does among others: conductors work flows and answer for records, compute workers serve hosts, all of them report. */
import type { Bus, Serve } from '../bus/bus.ts'
import { Requeue } from '../bus/bus.ts'
import { wireVersion } from '../bus/rabbitmq-wire.ts'
import { asFault, Fault } from '../core/fault.ts'
import { noProgress, type ProgressEvent } from '../core/ports.ts'
import { parse, z } from '../core/schema.ts'
import type { Elsewhere } from '../flows/runner.ts'
import { type Service, type ServiceFacts, serviceFacts, sharedMessages } from '../model/service.ts'
import { type Leadership, leadership, soleLeader } from '../state/lease.ts'
import { type Services, serviceReports } from '../state/services.ts'
import { systemClock as clock } from '../system/clock.ts'
import { systemProcesses as processes } from '../system/processes.ts'
import { hostRecords } from './compute.ts'
import type { Core } from './core.ts'
import { imageServices } from './images.ts'
import { factsOf, recordsTopic, reportEvery } from './service.ts'
import { serveHosts } from './worker.ts'

export const conductorTopic = 'conductor'

export interface Roles {
  readonly leader: Leadership
  /** Takes no more work. */
  stopServing(): void
  /** After the work has ended. */
  end(): Promise<void>
}

export interface RolesOptions {
  readonly core: Core
  readonly bus: Bus | undefined
  readonly stateDirectory: string
  readonly version: string
  readonly note: (message: string) => void
}

/** Milliseconds that an ending daemon waits for records that are away; others find out by themselves. */
const farewellMs = 5000

/** Registers the daemon and begins to serve its topics; `conflict` when its name is taken. */
export async function takeUpRoles({ core, bus, stateDirectory, version, note }: RolesOptions): Promise<Roles> {
  const { settings, store } = core
  const facts = factsOf(settings, version)
  const reports = serviceReports({ store, clock, processes, downAfterMs: settings.downAfterMs })
  await core.prepare()
  const report = async (said: ServiceFacts) => {
    await reports.report(said)
    // Nobody is sent what the oldest service cannot read.
    bus?.speak?.(sharedMessages(await reports.alive(), wireVersion))
  }
  await report(facts)
  const stopReporting = reportEvery(facts, report, note)
  const stops: (() => void)[] = []
  const leader = facts.reportSeconds === 0 ? soleLeader : leadership({ store, clock, task: 'periodic', holder: facts.id })
  if (bus && facts.roles.includes('conductor')) {
    stops.push(bus.serve(conductorTopic, conductor(core)), bus.serve(recordsTopic, keeper(core, reports)))
  }
  const recordOf = hostRecords(store)
  const images = await core.images.service()
  const stopImages = images?.serve()
  const isWorker = facts.roles.includes('compute')
  const worker = bus && images && isWorker ? serveHosts({ bus, settings, stateDirectory, recordOf, images }) : undefined
  return {
    leader,
    stopServing() {
      for (const stop of stops) stop()
      worker?.stop()
    },
    async end() {
      stopReporting()
      await worker?.end()
      stopImages?.()
      const farewell = async () => {
        await leader.stop()
        await reports.end(facts.id, facts.process)
      }
      const over = new AbortController()
      const late = clock.sleep(farewellMs, over.signal).then(() => Promise.reject(new Fault('timeout', 'the records are away')))
      const failed = (error: unknown) => note(`the service's end was not noted: ${asFault(error).message}`)
      await Promise.race([farewell(), late]).catch(failed)
      over.abort()
    },
  }
}

/** Hands flows to conductors; what they report on the way goes to who waits. */
export const flowsByBus =
  (bus: Bus): Elsewhere =>
  (id, progress, signal) =>
    bus.request(
      conductorTopic,
      { method: 'flow.run', args: { id } },
      // What a conductor reports is what a flow here would have told the same sink.
      {
        ...{ deadlineMs: longestFlowMs, signal },
        ...(progress === noProgress ? {} : { onProgress: (event: unknown) => progress(event as ProgressEvent) }),
      },
    )

/** A live move of a large server may take most of a day. */
const longestFlowMs = 86_400_000

const flowOrder = z.object({ id: z.string().max(80) })

/** Works flows that others accepted; the answer is sent when the flow's record is closed or blocked. */
export const conductor =
  (core: Pick<Core, 'flows' | 'ledger'>): Serve =>
  async ({ method, args }, _signal, report) => {
    if (method !== 'flow.run') throw new Fault('unsupported', `a conductor does not know the call ${method}`)
    const { id } = parse(flowOrder, args)
    try {
      return (await core.flows(report).attend(id)).id
    } catch (error) {
      // The flow stopped at a step boundary: another conductor goes on.
      if (core.ledger.stopping) throw new Requeue()
      throw error
    }
  }

const named = z.object({ name: z.string().max(255) })

/** Answers compute workers, who hold no key to the records: they may read their host's, and say that they live. */
const keeper =
  (core: Core, reports: Services): Serve =>
  async ({ method, args }) => {
    if (method === 'hostRecord') return (await hostRecords(core.store)(parse(named, args).name)) ?? null
    if (method === 'imageServices') return imageServices(core.store)
    const facts = parse(serviceFacts, args)
    if (facts.roles.some((role) => role !== 'compute')) throw new Fault('forbidden', 'only compute workers report by message')
    if (method === 'report') {
      await reports.report(facts)
      return { messages: messagesOfConductors(await reports.alive()) }
    }
    if (method === 'end') return reports.end(facts.id, facts.process)
    throw new Fault('unsupported', `a conductor does not know the call ${method}`)
  }

/** What a compute worker may send: it asks conductors alone, and each of them may get the question. */
const messagesOfConductors = (services: readonly Service[]) =>
  sharedMessages(
    services.filter(({ roles }) => roles.includes('conductor')),
    wireVersion,
  )
