/** One run: traffic on a cloud whose messages meet their fates, then peace, and what must hold after. */
import { run as doctor } from '../../../src/actions/doctor/run.ts'
import { create } from '../../../src/actions/server/create.ts'
import { syncPowerStates } from '../../../src/actions/server/sync-power-states.ts'
import { asFault } from '../../../src/core/fault.ts'
import { aCloud } from '../../support/a-cloud.ts'
import { performed, recordsOf, type TestContext } from '../../support/a-context.ts'
import { findingsOf } from '../../support/broken-steps.ts'
import type { Trial } from '../runner/row.ts'
import { type BusCall, busTraffic } from './bus-traffic.ts'
import type { Effects } from './effects.ts'
import type { Fates } from './fates.ts'
import type { MessageCloud } from './message-cloud.ts'

export interface ExperimentOptions {
  make(): Promise<MessageCloud>
  readonly trial: Trial
  readonly fates: Fates
  readonly effects: Effects
  /** Lets time pass until it is over, or so long; false when it is not over then. */
  passed(isOver: () => boolean, limitMs: number): Promise<boolean>
  /** The longest that calls may take, and that messages may be under way. */
  readonly longestMs: number
}

/** Kinds that a caller may be told; anything else is a bug. */
const honest = ['timeout', 'unreachable', 'conflict', 'not-found', 'no-valid-host', 'unsupported', 'invalid', 'over-quota']

const arrivedMs = 5000

export async function experiment(options: ExperimentOptions): Promise<void> {
  const { make, trial, fates, effects, passed, longestMs } = options
  await loaded()
  const made = await step(passed, make())
  const { cloud } = made
  for (const { checksum } of await recordsOf(cloud.context.store, 'images'))
    cloud.context.images.kept.set(checksum ?? '', new Uint8Array(1))
  const found: string[] = []
  for (const round of busTraffic(trial.random)) {
    const open = new Set(round)
    const calls = round.map((call) =>
      asked(call, made.caller()).then((finding) => {
        open.delete(call)
        if (finding === undefined) trial.checked()
        else found.push(...finding)
      }),
    )
    const isOver = () => open.size === 0
    const first = trial.random() * 500
    await passed(isOver, first)
    const event = await step(passed, made.disturb(trial.random))
    if (event !== undefined) {
      trial.fired()
      trial.mark(event)
    }
    if (!(await passed(isOver, longestMs)))
      found.push(
        ...[...open].map(({ action, server }) => `LIVE ${action.name} ${server} has no end after ${longestMs / 60_000} minutes`),
      )
    if (open.size > 0) break
    await Promise.all(calls)
  }
  await step(passed, made.heal())
  await passed(() => made.isQuiet(), longestMs)
  const seen = await step(passed, peace(await step(passed, made.recoverer())))
  // The last copies may be on their way yet.
  await passed(() => made.late().counted === made.late().expected, arrivedMs)
  const { counted, expected } = made.late()
  for (const [kind, times] of Object.entries(fates.met)) if (times > 0) trial.mark(kind)
  if (expected > 0) trial.mark('late answer')
  trial.fired(Object.values(fates.met).reduce((sum, times) => sum + times, 0))
  const unlike = counted === expected ? [] : [`IDEM ${expected} answers came too late, ${counted} were counted`]
  const servers = await recordsOf(cloud.context.store, 'servers')
  // A delete that failed half-way may have taken the copy that its server could have gone back to: that is in error.
  const spoilt = servers.flatMap(({ id, vmState }) => (vmState === 'error' ? `lost the copy of ${id} that was put aside` : []))
  const all = await step(passed, findingsOf(cloud, { hostsWereSilent: true }))
  const left = all.filter((finding) => !spoilt.some((words) => finding.endsWith(words)))
  trial.judge(
    ['FLOW', 'HOST', 'IDEM', 'LIVE', 'ONE', 'RES', 'SAFE'],
    [...found, ...seen, ...effects.findings(), ...made.findings(), ...unlike, ...left, ...(await keyFindings(cloud.context))],
  )
}

/** The first boot of a process loads a module, for which a virtual clock does not wait. */
let booted: Promise<unknown> | undefined
async function loaded(): Promise<void> {
  booted ??= aCloud().then(({ context }) => performed(create, { name: 'first', image: 'cirros', flavor: 'm1.tiny' }, context))
  await booted
}

/** A result whose work needs the clock to go on. */
async function step<T>(passed: ExperimentOptions['passed'], work: Promise<T>): Promise<T> {
  let isOver = false
  const ended = work.finally(() => {
    isOver = true
  })
  ended.catch(() => undefined)
  if (!(await passed(() => isOver, 86_400_000))) throw new Error('LIVE the cloud does not come to peace')
  return ended
}

/**
 * As a user does it who repeats a boot that failed for a reason of the way, under the same key; undefined when it succeeds, and what is
 * wrong with its failure when not.
 */
async function asked({ action, server, input }: BusCall, context: TestContext): Promise<string[] | undefined> {
  const named = await context.store.read((reader) => reader.list('servers', { where: { name: server, deleted: false } }))
  const call = () => performed(action, input(named.at(-1)?.id ?? server), context)
  try {
    await call().catch((error: unknown) => {
      if (action.name !== 'server.create' || !['timeout', 'unreachable'].includes(asFault(error).kind)) throw error
      return call()
    })
    return undefined
  } catch (error) {
    const { kind, message } = asFault(error)
    return honest.includes(kind) ? [] : [`SAFE ${action.name} ${server}: ${kind}: ${message}`]
  }
}

/** What comes by itself when all is well again, and a resume of what is blocked; after that the doctor has nothing to say. */
async function peace(context: TestContext): Promise<string[]> {
  for (let time = 0; time < 2; time += 1) await context.flows.adopt({ handedOver: true })
  await performed(syncPowerStates, {}, context)
  const still = (await performed(doctor, {}, context)) as { readonly code: string; readonly message: string }[]
  return still.map(({ code, message }) => `HOST ${code} ${message}`)
}

/** One server for each key, however often its boot was asked for. */
async function keyFindings(context: TestContext): Promise<string[]> {
  const requests = await recordsOf(context.store, 'requests')
  const keys = requests.flatMap(({ idempotencyKey }) => idempotencyKey ?? [])
  return keys.filter((key, index) => keys.indexOf(key) !== index).map((key) => `IDEM key ${key} has two servers`)
}
