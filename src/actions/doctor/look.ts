/** Gathers what the records say and what the hosts say, for the doctor to compare. */
import { asFault, Fault } from '../../core/fault.ts'
import type { GuestState } from '../../drivers/driver.ts'
import { type EvacuationState, evacuateServer } from '../../flows/evacuate-server.ts'
import { fleetOf } from '../../flows/placement.ts'
import type { FlowRecord } from '../../model/flow.ts'
import type { HostRecord } from '../../model/host.ts'
import type { Image } from '../../model/image.ts'
import type { Server } from '../../model/server.ts'
import type { Candidate } from '../../scheduler/types.ts'
import { type Context, reading } from '../context.ts'

export interface Observation {
  readonly servers: readonly Server[]
  /** Servers that are deleted but still known, by id. */
  readonly deletedIds: ReadonlySet<string>
  readonly hosts: readonly HostRecord[]
  readonly openFlows: readonly FlowRecord[]
  readonly orphanFlowIds: ReadonlySet<string>
  readonly candidates: readonly Candidate[]
  readonly imagesWithoutFile: readonly Image[]
  /** For servers with several copies: the hosts that they were evacuated from. */
  readonly abandoned: ReadonlyMap<string, ReadonlySet<string>>
  /** What each host answered: its guests, or why it did not. */
  readonly answers: ReadonlyMap<string, readonly GuestState[] | Fault>
}

/** One look at everything. A host that does not answer is an observation, not a failure. */
export async function observe(context: Context): Promise<Observation> {
  const records = await reading(context, async (reader) => ({
    servers: await reader.list('servers', { where: { deleted: false } }),
    gone: await reader.list('servers', { where: { deleted: true } }),
    hosts: await reader.list('hosts'),
    openFlows: await reader.list('flows', { where: { open: true } }),
    images: await reader.list('images', { where: { deleted: false } }),
    fleet: await fleetOf(reader, context.settings),
  }))
  const [answers, orphans, imagesWithoutFile] = await Promise.all([
    askAll(records.hosts, context),
    context.flows.orphans({ handedOver: true }),
    withoutFile(records.images, context),
  ])
  return {
    servers: records.servers,
    deletedIds: new Set(records.gone.map((server) => server.id)),
    hosts: records.hosts,
    openFlows: records.openFlows,
    orphanFlowIds: new Set(orphans.map((flow) => flow.id)),
    candidates: records.fleet.candidates,
    imagesWithoutFile,
    abandoned: await abandonedHosts(answers, context),
    answers,
  }
}

/** An evacuation that is done left its copy on a host that was dead; any other second copy is nobody's to judge. */
async function abandonedHosts(answers: Observation['answers'], context: Context): Promise<Map<string, Set<string>>> {
  const all = [...answers.values()].flatMap((answer) => (answer instanceof Fault ? [] : answer.map(({ id }) => id)))
  const once = new Set<string>()
  const several = new Set(all.filter((id) => once.size === once.add(id).size))
  return reading(context, async (reader) => {
    const hosts = new Map<string, Set<string>>()
    for (const serverId of several) {
      const flows = await reader.list('flows', { where: { serverId } })
      const done = flows.filter(({ name, status }) => name === evacuateServer.name && status === 'done')
      hosts.set(serverId, new Set(done.map(({ state }) => (state as EvacuationState).sourceHost)))
    }
    return hosts
  })
}

async function askAll(hosts: readonly HostRecord[], context: Context): Promise<Map<string, readonly GuestState[] | Fault>> {
  const ask = async (host: HostRecord) => {
    const call = { host: host.name, method: 'list', args: undefined, serverId: null, epoch: 0, signal: context.signal } as const
    return [host.name, await context.compute.call(call).catch(asFault)] as const
  }
  return new Map(await Promise.all(hosts.map(ask)))
}

async function withoutFile(images: readonly Image[], context: Context): Promise<Image[]> {
  const missing = await Promise.all(
    images.map(
      async (image) => image.status === 'active' && image.checksum !== null && !(await context.images.has(image.checksum)),
    ),
  )
  return images.filter((_, index) => missing[index])
}
