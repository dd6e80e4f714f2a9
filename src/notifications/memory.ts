/**
 * What must be known of the past to tell what a revision changed: little a server, and open operations.
 * A revision holds whole records after the change, and not what they were.
 */
import type { FlowRecord } from '../model/flow.ts'
import type { Migration } from '../model/migration.ts'
import type { Server } from '../model/server.ts'
import type { Reader } from '../state/store.ts'
import type { ThingTable } from './event-types.ts'
import { presentThing, thingKey, thingTables } from './things.ts'

/** What an update compares. */
export interface ServerTrace {
  readonly vmState: Server['vmState']
  readonly taskState: Server['taskState']
  readonly name: string
  /** Everything that an update is about, in one text. */
  readonly print: string
}

export interface FlowTrace {
  readonly status: FlowRecord['status']
  /** The newest record of its server. */
  readonly server: Server | undefined
}

export interface Memory {
  readonly servers: Map<string, ServerTrace>
  readonly flows: Map<string, FlowTrace>
  readonly migrations: Map<string, Migration['status']>
  /** Payloads of other things as JSON, by table and id. */
  readonly things: Map<string, string>
}

export const traceOf = (server: Server): ServerTrace => ({
  vmState: server.vmState,
  taskState: server.taskState,
  name: server.name,
  print: JSON.stringify([
    server.vmState,
    server.taskState,
    server.powerState,
    server.name,
    server.host,
    server.metadata,
    server.lockedBy,
  ]),
})

export const emptyMemory = (): Memory => ({ servers: new Map(), flows: new Map(), migrations: new Map(), things: new Map() })

/** The memory of somebody who followed everything up to the revision that the reader sees. */
export async function memoryAt(reader: Reader): Promise<Memory> {
  const memory = emptyMemory()
  for (const server of await reader.list('servers', { where: { deleted: false } })) memory.servers.set(server.id, traceOf(server))
  for (const flow of await reader.list('flows', { where: { open: true } }))
    memory.flows.set(flow.id, { status: flow.status, server: await reader.get('servers', flow.serverId) })
  for (const { id, status } of await reader.list('migrations', { where: { open: true } })) memory.migrations.set(id, status)
  for (const table of thingTables) await rememberThings(reader, table, memory)
  return memory
}

async function rememberThings(reader: Reader, table: ThingTable, memory: Memory): Promise<void> {
  for (const record of await reader.list(table)) {
    const payload = presentThing(table, { ...record })
    if (payload) memory.things.set(thingKey(table, record.id), JSON.stringify(payload))
  }
}
