/**
 * What must hold once nothing is under way, whatever was killed, refused or cut off before:
 * FLOW (every operation ended), RES (claims fit and are unique), HOST (hosts hold what the records say), ACK (nothing lost).
 */
import type { Host } from '../../src/hosts/host.ts'
import type { FlowRecord } from '../../src/model/flow.ts'
import type { HostRecord } from '../../src/model/host.ts'
import type { Image } from '../../src/model/image.ts'
import type { Migration } from '../../src/model/migration.ts'
import type { Server } from '../../src/model/server.ts'
import type { Settings } from '../../src/settings.ts'
import type { Store } from '../../src/state/store.ts'
import { hostFindings } from './host-oracle.ts'
import { resourceFindings } from './resource-oracle.ts'

export interface World {
  readonly store: Store
  readonly settings: Settings
  /** Hosts could not always be asked: a server that shows a fault may then show an old power state. */
  readonly hostsWereSilent?: boolean
  /** Dead hosts: what they hold is not looked at. */
  readonly silent?: ReadonlySet<string>
  /** How to look at a host behind the records' back. */
  hostOf(record: HostRecord): Host
}

/** What callers were told: these exist, and these are gone. */
export interface Acknowledged {
  readonly booted: readonly string[]
  readonly deleted: readonly string[]
}

const nothing: Acknowledged = { booted: [], deleted: [] }

/** Every broken invariant as one line; empty when all hold. */
export async function findings(world: World, told: Acknowledged = nothing): Promise<string[]> {
  const { servers, flows, hosts, migrations, images } = await world.store.read(async (reader) => ({
    servers: await reader.list('servers'),
    flows: await reader.list('flows'),
    hosts: await reader.list('hosts'),
    images: await reader.list('images', { where: { deleted: false } }),
    migrations: (await reader.list('migrations')).filter(({ open }) => open),
  }))
  const trusted = world.hostsWereSilent ? servers.map(withoutStaleState) : servers
  const answering = hosts.filter(({ name }) => !world.silent?.has(name))
  const onHosts = answering.map((record) => hostFindings(record, world.hostOf(record), trusted, migrations))
  return [
    ...flows.flatMap(flowFindings),
    ...servers.flatMap((server) => taskFindings(server, flows)),
    ...images.flatMap((image) => imageFindings(image, servers, flows)),
    ...servers.flatMap((server) => shelvedFindings(server, images)),
    ...acknowledgedFindings(servers, told),
    ...resourceFindings(servers, hosts, world.settings, migrations),
    ...(await Promise.all(onHosts)).flat(),
    ...migrations.flatMap((migration) => moveFindings(migration, servers)),
  ]
}

/** The oracle of hosts takes an error for a state that nothing is known of. */
const withoutStaleState = (server: Server): Server => (server.fault ? { ...server, vmState: 'error' } : server)

function flowFindings(flow: FlowRecord): string[] {
  const name = `FLOW ${flow.action} ${flow.label} (${flow.status})`
  if (flow.status === 'blocked') return flow.fault ? [] : [`${name} is blocked without a reason`]
  if (flow.open) return [`${name} is open`]
  const wasPreempted = flow.fault?.message.includes('was pre-empted by') ?? false
  const wanted = flow.status === 'done' ? ['done'] : ['pending', 'undone']
  const wrong = wasPreempted ? [] : flow.steps.filter((step) => !wanted.includes(step.status))
  return wrong.map((step) => `${name}: step ${step.name} was left ${step.status}`)
}

/** An open move belongs to a living server: one that waits for its confirm, is under way, or was declared otherwise. */
function moveFindings({ id, serverId, status }: Migration, servers: readonly Server[]): string[] {
  const server = servers.find((one) => one.id === serverId)
  if (!server || server.deleted) return [`MOVE ${id} of a deleted server is ${status}`]
  const isWaiting = ['resized', 'error'].includes(server.vmState) || server.taskState !== null
  return isWaiting ? [] : [`MOVE ${id} of ${server.vmState} server ${server.name} is ${status}`]
}

/** An image that is made of a server is complete, or an operation of that server works on it. */
function imageFindings({ name, status, properties }: Image, servers: readonly Server[], flows: readonly FlowRecord[]): string[] {
  const of = properties.find(([key]) => key === 'instance_uuid')?.[1]
  if (of === undefined || !['queued', 'saving'].includes(status)) return []
  if (!servers.some(({ id }) => id === of)) return [`IMG image ${name} of no server is ${status}`]
  return flows.some(({ open, serverId }) => open && serverId === of)
    ? []
    : [`IMG image ${name} is ${status} and nobody works on it`]
}

/** A shelved server is nothing but its image. */
function shelvedFindings({ name, vmState, shelved, deleted }: Server, images: readonly Image[]): string[] {
  if (deleted || !['shelved', 'shelved_offloaded'].includes(vmState)) return []
  const isThere = images.some(({ id, status }) => id === shelved?.imageId && status === 'active')
  return isThere ? [] : [`IMG ${vmState} server ${name} has lost its image`]
}

function taskFindings(server: Server, flows: readonly FlowRecord[]): string[] {
  const open = flows.filter((flow) => flow.open && flow.serverId === server.id)
  const several = open.length > 1 ? [`FLOW server ${server.name} has ${open.length} open operations`] : []
  if (server.taskState === null || open.length > 0) return several
  return [`FLOW server ${server.name} is busy (${server.taskState}) and nobody works on it`]
}

function acknowledgedFindings(servers: readonly Server[], { booted, deleted }: Acknowledged): string[] {
  const byId = new Map(servers.map((server) => [server.id, server]))
  return [
    ...booted.filter((id) => !byId.has(id)).map((id) => `ACK server ${id} was acknowledged and is lost`),
    ...deleted.filter((id) => !byId.get(id)?.deleted).map((id) => `ACK server ${id} was reported deleted and is not`),
  ]
}
