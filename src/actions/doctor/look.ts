/** Gathers what the records say and what the hosts say, for the doctor to compare. */

import type { ComputeCalls } from '../../compute/client.ts'
import { asFault, Fault } from '../../core/fault.ts'
import type { GuestState, Survey } from '../../drivers/driver.ts'
import { type EvacuationState, evacuateServer } from '../../flows/evacuate-server.ts'
import { type LiveState, liveMigrateServer } from '../../flows/live-migrate-server.ts'
import { fleetOf } from '../../flows/placement.ts'
import type { FlowRecord } from '../../model/flow.ts'
import type { HostRecord, Inventory } from '../../model/host.ts'
import type { Image } from '../../model/image.ts'
import type { Migration } from '../../model/migration.ts'
import type { Server } from '../../model/server.ts'
import type { Candidate } from '../../scheduler/types.ts'
import { type Context, reading } from '../context.ts'
import { expiredResizes } from '../server/expired-resizes.ts'

/** Our wall time when the host was asked and when it had answered, in milliseconds. */
export interface Asked {
  readonly sent: number
  readonly received: number
}

/** What a host said to each look, or why it did not. */
export interface HostAnswer {
  readonly guests: readonly GuestState[] | Fault
  readonly survey: Survey | Fault
  readonly inventory: Inventory | Fault
  readonly asked: Asked
}

export interface Observation {
  readonly servers: readonly Server[]
  /** Servers that are deleted but still known, by id. */
  readonly deletedIds: ReadonlySet<string>
  readonly hosts: readonly HostRecord[]
  readonly openFlows: readonly FlowRecord[]
  readonly orphanFlowIds: ReadonlySet<string>
  readonly candidates: readonly Candidate[]
  readonly imagesWithoutFile: readonly Image[]
  /** For servers with several copies: the hosts that they left for good, with what took them away. */
  readonly abandoned: ReadonlyMap<string, ReadonlyMap<string, string>>
  /** For servers of which another host has files alone: the hosts that see in them the files of the recorded one. */
  readonly sharing: ReadonlyMap<string, ReadonlySet<string>>
  readonly openMoves: readonly Migration[]
  /** Those of them that nobody confirmed within the window of the settings. */
  readonly expiredMoves: readonly Migration[]
  /** Digests of images whose file is in the image store. */
  readonly storedDigests: ReadonlySet<string>
  /** Bytes of image files by their digest. */
  readonly imageSizes: ReadonlyMap<string, number>
  readonly answers: ReadonlyMap<string, HostAnswer>
}

/** One look at everything; `deep` reads whole images. A host that does not answer is an observation, not a failure. */
export async function observe(context: Context, deep: boolean): Promise<Observation> {
  const records = await reading(context, async (reader) => ({
    servers: await reader.list('servers', { where: { deleted: false } }),
    gone: await reader.list('servers', { where: { deleted: true } }),
    hosts: await reader.list('hosts'),
    openFlows: await reader.list('flows', { where: { open: true } }),
    allImages: await reader.list('images'),
    openMoves: await reader.list('migrations', { where: { open: true } }),
    expiredMoves: await expiredResizes(reader, context.clock.wall(), context.settings.resizeConfirmWindow),
    fleet: await fleetOf(reader, context.settings),
  }))
  const images = records.allImages.filter((image) => !image.deleted)
  const [answers, orphans, imagesWithoutFile] = await Promise.all([
    askAll(records.hosts, deep, context),
    context.flows.orphans({ handedOver: true }),
    withoutFile(images, context),
  ])
  return {
    servers: records.servers,
    deletedIds: new Set(records.gone.map((server) => server.id)),
    hosts: records.hosts,
    openFlows: records.openFlows,
    orphanFlowIds: new Set(orphans.map((flow) => flow.id)),
    candidates: records.fleet.candidates,
    imagesWithoutFile,
    abandoned: await abandonedHosts(records.servers, answers, context),
    sharing: await sharingHosts(records.servers, answers, context),
    openMoves: records.openMoves,
    expiredMoves: records.expiredMoves,
    storedDigests: new Set(images.filter((image) => !imagesWithoutFile.includes(image)).flatMap(digestOf)),
    imageSizes: new Map(
      records.allImages.flatMap(({ checksum, size }) => (checksum === null || size === null ? [] : [[checksum, size]])),
    ),
    answers,
  }
}

const digestOf = ({ status, checksum }: Image) => (status === 'active' && checksum !== null ? [checksum] : [])

/**
 * An evacuation that is done left its copy on a host that was dead, a live move on a side that did not answer;
 * any other second copy is nobody's to judge.
 */
async function abandonedHosts(
  servers: readonly Server[],
  answers: Observation['answers'],
  context: Context,
): Promise<Observation['abandoned']> {
  const all = [...answers.values()].flatMap((answer) => (answer.guests instanceof Fault ? [] : answer.guests.map(({ id }) => id)))
  const once = new Set<string>()
  const several = new Set(all.filter((id) => once.size === once.add(id).size))
  return reading(context, async (reader) => {
    const hosts = new Map<string, Map<string, string>>()
    for (const { id, host } of servers.filter((server) => several.has(server.id))) {
      const flows = await reader.list('flows', { where: { serverId: id } })
      hosts.set(id, new Map(flows.filter(({ open }) => !open).flatMap((flow) => leftBy(flow, host))))
    }
    return hosts
  })
}

/**
 * The host that a flow took its server away from for good, and its kind; a live move counts while the server is where it went. One
 * that was taken back left what it had made on its destination, while the server is where it came from.
 */
function leftBy({ name, status, state }: FlowRecord, recorded: string | null): [string, string][] {
  if (name === evacuateServer.name && status === 'done') return [[(state as EvacuationState).sourceHost, 'an evacuation']]
  if (name !== liveMigrateServer.name) return []
  const { landed, sourceHost, destHost } = state as LiveState
  const [kept, left] = landed ? [destHost, sourceHost] : [sourceHost, destHost]
  return kept === recorded && (landed || status === 'undone') ? [[left, 'a live migration']] : []
}

/** Only hosts that are asked for the same file at the same time prove that they share it; one that is silent proves nothing. */
async function sharingHosts(
  servers: readonly Server[],
  answers: Observation['answers'],
  context: Context,
): Promise<Map<string, Set<string>>> {
  const recorded = new Map(servers.map(({ id, host }) => [id, host]))
  const sharing = new Map<string, Set<string>>()
  const asked = [...answers].flatMap(([other, { guests }]) =>
    (guests instanceof Fault ? [] : guests.filter(({ hasFilesOnly }) => hasFilesOnly)).map(async ({ id }) => {
      const host = recorded.get(id) ?? null
      if (host === null || host === other || !(await shares(id, host, other, context))) return
      sharing.set(id, (sharing.get(id) ?? new Set()).add(other))
    }),
  )
  await Promise.all(asked)
  return sharing
}

/** Whether `other` sees the very files that `host` has of a server; undefined when one of them does not say. */
export function shares(
  serverId: string,
  host: string,
  other: string,
  { compute, signal }: Context,
): Promise<boolean | undefined> {
  const call = { host, method: 'sharesWith', args: { to: other }, serverId, epoch: 0, signal } as const
  return compute.call(call).catch((error) => (asFault(error).kind === 'unsupported' ? false : undefined))
}

async function askAll(hosts: readonly HostRecord[], deep: boolean, context: Context): Promise<Map<string, HostAnswer>> {
  return new Map(await Promise.all(hosts.map(async ({ name }) => [name, await askOne(name, deep, context)] as const)))
}

/** A whole cache takes hours to read at the lowest priority. */
const deepDeadlineMs = 5 * 3600 * 1000

async function askOne(host: string, deep: boolean, context: Context): Promise<HostAnswer> {
  const { signal, clock, compute } = context
  const ask = async <M extends 'list' | 'survey' | 'inventory'>(method: M, args: ComputeCalls[M][0]) => {
    const call = { host, method, args, serverId: null, epoch: 0, signal, ...(deep ? { deadlineMs: deepDeadlineMs } : {}) }
    return compute.call(call).catch(asFault)
  }
  const sent = clock.wall()
  const surveyed = ask('survey', { deep }).then((survey) => ({ survey, asked: { sent, received: clock.wall() } }))
  const [guests, { survey, asked }, inventory] = await Promise.all([
    ask('list', undefined),
    surveyed,
    ask('inventory', undefined),
  ])
  return { guests, survey, inventory, asked }
}

/** What only a service may have that does not answer is not missing. */
const isMissing = (digest: string, { images }: Context) =>
  images.has(digest).then(
    (has) => !has,
    (error: unknown) => {
      if (asFault(error).kind === 'unreachable') return false
      throw error
    },
  )

async function withoutFile(images: readonly Image[], context: Context): Promise<Image[]> {
  const missing = await Promise.all(
    images.map(
      async (image) => image.status === 'active' && image.checksum !== null && (await isMissing(image.checksum, context)),
    ),
  )
  return images.filter((_, index) => missing[index])
}
