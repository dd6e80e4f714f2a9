/** The checks before an upgrade, each with what an operator has to know of it; pure but for what the context is asked. */
import { asFault } from '../../core/fault.ts'
import { fromIso } from '../../core/time.ts'
import { storeNow } from '../../state/store-now.ts'
import { type Context, reading } from '../context.ts'
import { countOf } from '../count-of.ts'
import { isUp } from '../service/service-rows.ts'

export type Verdict = 'Success' | 'Warning' | 'Failure'

export interface CheckResult {
  readonly check: string
  readonly result: Verdict
  readonly details: string | null
}

type Check = (context: Context) => Promise<readonly [Verdict, string | null]>

const good = ['Success', null] as const
const few = (names: readonly string[]) => `${names.slice(0, 5).join(', ')}${names.length > 5 ? ', …' : ''}`

/** Oldest versions that the drivers are tested with. */
const oldest: ReadonlyMap<string, readonly number[]> = new Map([
  ['QEMU', [7, 2]],
  ['libvirt', [9, 0]],
])
/** Milliseconds by which clocks may differ. */
const clockMs = 5000

const checks: readonly (readonly [name: string, check: Check])[] = [
  ['State schema', stateSchema],
  ['Journal', journal],
  ['Online data migrations', onlineChanges],
  ['Hypervisor versions', hypervisors],
  ['Older services', services],
  ['Unfinished operations', operations],
  ['Configuration', configuration],
  ['Clock', clock],
]

/** Runs all checks; one that cannot be made has failed. */
export async function upgradeChecks(context: Context): Promise<CheckResult[]> {
  const results: CheckResult[] = []
  for (const [name, check] of checks) {
    const [result, details] = await check(context).catch((error: unknown) => ['Failure', asFault(error).message] as const)
    results.push({ check: name, result, details })
  }
  return results
}

async function stateSchema(context: Context): ReturnType<Check> {
  const { pending, place } = await (await context.upkeep()).facts()
  if (pending.length === 0) return good
  return ['Warning', `${place} lacks ${countOf(pending.length, 'change')} of its form (${few(pending)}): run nova-manage db sync`]
}

/** Records in an older form are read as they should be, but whoever takes the form away later must not find one. */
async function onlineChanges(context: Context): ReturnType<Check> {
  const older = await (await context.upkeep()).olderRecords()
  if (older === 0) return good
  return ['Warning', `${countOf(older, 'record')} in an older form: run nova-manage db online_data_migrations`]
}

async function journal(context: Context): ReturnType<Check> {
  const { problems } = await context.verifyJournal()
  return problems.length === 0 ? good : ['Failure', few(problems.map(({ message }) => message))]
}

async function hypervisors(context: Context): ReturnType<Check> {
  const hosts = await reading(context, (reader) => reader.list('hosts'))
  const unknown = hosts.filter(({ inventory }) => inventory === null).map(({ name }) => name)
  const old = hosts.flatMap(({ name, inventory }) => {
    const least = oldest.get(inventory?.hypervisorType ?? '')
    const version = inventory?.hypervisorVersion ?? ''
    return least && isOlder(version, least) ? [`${name} (${inventory?.hypervisorType} ${version})`] : []
  })
  if (old.length > 0) return ['Warning', `older than what the drivers are tested with: ${few(old)}`]
  return unknown.length > 0 ? ['Warning', `not known of ${few(unknown)}: run nova host refresh`] : good
}

/** True when a version such as `7.2.15` is below the least one. */
export function isOlder(version: string, least: readonly number[]): boolean {
  const parts = version.split(/[^0-9]+/).map(Number)
  for (const [index, wanted] of least.entries()) {
    const part = parts[index] ?? 0
    if (part !== wanted) return part < wanted
  }
  return false
}

/** A service that is up may be one minor version behind the newest; nova db sync waits for it. */
async function services(context: Context): ReturnType<Check> {
  const all = await reading(context, (reader) => reader.list('services'))
  const now = await storeNow(context.store, context.clock)
  const running = all.filter((service) => isUp(service, now, context))
  if (running.length === 0) return good
  const minor = (version: string) => {
    const [major = 0, second = 0] = version.split('.').map((part) => Number.parseInt(part, 10) || 0)
    return major * 1000 + second
  }
  const newest = Math.max(0, ...running.map(({ version }) => minor(version)))
  const old = running.filter(({ version }) => newest - minor(version) > 1).map(({ id, version }) => `${id} (${version})`)
  if (old.length > 0) return ['Failure', `more than one version behind: ${few(old)}`]
  const { records } = await context.upkeep()
  const behind = running.filter(({ understands }) => understands.records < records).map(({ id }) => id)
  return behind.length === 0
    ? good
    : ['Warning', `older than this program: ${few(behind)}; the order: nova daemon upgrade --plan`]
}

async function operations(context: Context): ReturnType<Check> {
  const orphans = await context.flows.orphans({ handedOver: true })
  if (orphans.length === 0) return good
  const names = orphans.map(({ action, label }) => `${action} ${label}`)
  return ['Warning', `nobody works on ${few(names)}: run nova operation resume before the upgrade`]
}

async function configuration(context: Context): ReturnType<Check> {
  const problems = await context.checkConfiguration()
  return problems.length === 0 ? good : ['Failure', few(problems)]
}

/** By the store's clock where it has one, and by the newest operation: time does not run backwards. */
async function clock(context: Context): ReturnType<Check> {
  const here = context.clock.wall()
  const there = await context.store.now?.()
  if (there !== undefined && Math.abs(there - here) > clockMs)
    return ['Warning', `this machine and the store differ by ${Math.round(Math.abs(there - here) / 1000)} s`]
  const [newest] = await reading(context, (reader) => reader.list('flows', { newestFirst: true, limit: 1 }))
  const ahead = newest ? fromIso(newest.createdAt) - here : 0
  return ahead > clockMs ? ['Warning', `the newest operation began ${Math.round(ahead / 1000)} s in the future`] : good
}
