/** From a revision of the records to Nova's notifications: a function of the revision and of what came before it. */
import type { Notification } from '../model/notification.ts'
import type { Tables } from '../model/tables.ts'
import type { Change, Revision } from '../state/store.ts'
import {
  lifecycleOf,
  migrationTypes,
  noteType,
  refusedType,
  type ThingTable,
  taskTypes,
  thingTypes,
  updateType,
} from './event-types.ts'
import { type Memory, traceOf } from './memory.ts'
import { faultPayload, instancePayload, operationPayload, type Payload } from './payload.ts'
import { isThingTable, presentThing, thingKey } from './things.ts'

/** A notification before it has its place in the revision. */
interface Draft {
  readonly type: string
  readonly payload: Payload
  readonly isError?: boolean
  /** What began comes first in a revision, what ended last. */
  readonly rank: 0 | 1 | 2
}
type Row<N extends keyof Tables> = Tables[N]
type Changed<N extends keyof Tables> = { readonly id: string; readonly record: Row<N> | null }

/** What `revision` says, in order; `memory` is brought up to it. Revisions must come one after the other. */
export function notificationsOf(revision: Revision, memory: Memory): Notification[] {
  const servers = changesOf(revision.changes, 'servers')
  const flows = changesOf(revision.changes, 'flows')
  noteServers(servers, memory)
  const present = new Map(servers.flatMap(({ id, record }) => (record ? [[id, record] as const] : [])))
  const drafts = [
    ...servers.flatMap((change) => ofServer(change, memory, isNoted(flows, change.id))),
    ...changesOf(revision.changes, 'migrations').flatMap((change) => ofMigration(change, memory, present)),
    ...flows.flatMap((change) => ofFlow(change, memory, present)),
    ...changesOf(revision.changes, 'requests').flatMap(ofRequest),
    ...revision.changes.flatMap((change) => (isThingTable(change.table) ? ofThing(change.table, change, memory) : [])),
  ]
  return [...drafts].sort((a, b) => a.rank - b.rank).map((draft, index) => placed(draft, revision, index))
}

const changesOf = <N extends keyof Tables>(changes: readonly Change[], table: N): Changed<N>[] =>
  // The store keeps the record of a table in that table's form.
  changes.flatMap((change) => (change.table === table ? [{ id: change.id, record: change.record as Row<N> | null }] : []))

/** Open operations know the newest record of their server. */
function noteServers(changes: readonly Changed<'servers'>[], memory: Memory): void {
  for (const { id, record } of changes)
    for (const [flowId, flow] of memory.flows)
      if (record && flow.server?.id === id) memory.flows.set(flowId, { ...flow, server: record })
}

/** True when the revision notes a change of that server that may not show in what an update compares. */
const isNoted = (flows: readonly Changed<'flows'>[], serverId: string) =>
  flows.some(({ record }) => record?.serverId === serverId && record.generation === 1 && !record.open)

function ofServer({ id, record }: Changed<'servers'>, memory: Memory, isForced: boolean): Draft[] {
  const before = memory.servers.get(id)
  if (record === null || record.deleted) memory.servers.delete(id)
  else memory.servers.set(id, traceOf(record))
  if (record === null || (record.deleted && !before)) return []
  if (!isForced && before?.print === traceOf(record).print) return []
  const payload = {
    ...instancePayload(record),
    old_state: before?.vmState ?? null,
    old_task_state: before?.taskState ?? null,
    new_task_state: record.taskState,
    ...(before && before.name !== record.name ? { old_display_name: before.name } : {}),
  }
  const reached = record.taskState === before?.taskState || !record.taskState ? [] : (taskTypes.get(record.taskState) ?? [])
  return [{ type: updateType, payload, rank: 1 }, ...reached.map((type) => instance(type, instancePayload(record), 1))]
}

function ofMigration(
  { id, record }: Changed<'migrations'>,
  memory: Memory,
  present: ReadonlyMap<string, Row<'servers'>>,
): Draft[] {
  const before = memory.migrations.get(id)
  if (record?.open) memory.migrations.set(id, record.status)
  else memory.migrations.delete(id)
  const type = record && record.status !== before ? migrationTypes.get(record.status) : undefined
  if (!record || !type) return []
  const server =
    present.get(record.serverId) ?? [...memory.flows.values()].find((flow) => flow.server?.id === record.serverId)?.server
  const { serverId: instance_id, projectId: tenant_id, sourceHost: source_compute, destHost: dest_compute } = record
  return [instance(type, { ...(server ? instancePayload(server) : { tenant_id, instance_id }), source_compute, dest_compute }, 1)]
}

function ofFlow({ id, record }: Changed<'flows'>, memory: Memory, present: ReadonlyMap<string, Row<'servers'>>): Draft[] {
  const before = memory.flows.get(id)
  const server = record ? (present.get(record.serverId) ?? before?.server) : undefined
  if (record?.open || record?.status === 'blocked') memory.flows.set(id, { status: record.status, server })
  else memory.flows.delete(id)
  if (!record || (!before && record.generation > 1) || before?.status === record.status) return []
  const payload = server ? instancePayload(server) : operationPayload(record)
  if (!before && !record.open) return noted(record, payload)
  const types = lifecycleOf(record.action)
  const begun = before ? [] : [instance(types.start, payload, 0)]
  if (record.status === 'done') return [...begun, instance(types.end, payload, 2)]
  if (record.status !== 'undone' && record.status !== 'blocked') return begun
  const failed: Draft = { ...instance(types.error, { ...payload, ...faultPayload(record.fault) }, 2), isError: true }
  return [...begun, failed]
}

function noted({ action, state }: Row<'flows'>, payload: Payload): Draft[] {
  const type = noteType(action)
  return type === undefined ? [] : [instance(type, { ...payload, ...(action === 'exists' ? Object(state) : {}) }, 2)]
}

/** A boot that was refused; all others are told by their operations. */
function ofRequest({ record }: Changed<'requests'>): Draft[] {
  if (!record || record.fault === null || record.generation > 1) return []
  const { projectId: tenant_id, userId: user_id, serverName: display_name, id: request_id } = record
  return [
    {
      type: refusedType,
      payload: { tenant_id, user_id, display_name, request_id, ...faultPayload(record.fault) },
      isError: true,
      rank: 2,
    },
  ]
}

function ofThing(table: ThingTable, { id, record }: Change, memory: Memory): Draft[] {
  const key = thingKey(table, id)
  const before = memory.things.get(key)
  const payload = presentThing(table, record)
  const types = thingTypes[table]
  if (!payload) {
    memory.things.delete(key)
    return before === undefined ? [] : [{ type: types.deleted, payload: JSON.parse(before), rank: 2 }]
  }
  const text = JSON.stringify(payload)
  memory.things.set(key, text)
  if (text === before) return []
  return [{ type: before === undefined ? types.created : types.updated, payload, rank: 2 }]
}

const instance = (type: string, payload: Payload, rank: Draft['rank']): Draft => ({
  type: `compute.instance.${type}`,
  payload,
  rank,
})

function placed({ type, payload, isError = false }: Draft, revision: Revision, index: number): Notification {
  const { host } = payload
  return {
    message_id: `${revision.revision}.${index}`,
    event_type: type,
    priority: isError ? 'ERROR' : 'INFO',
    timestamp: revision.at,
    publisher_id: typeof host === 'string' ? `compute.${host}` : 'api',
    request_id: revision.request,
    user_id: revision.actor,
    revision: revision.revision,
    payload,
  }
}
