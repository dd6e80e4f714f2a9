import type { Flavor } from './flavor.ts'
import type { FlowRecord } from './flow.ts'
import type { HostRecord } from './host.ts'
import type { Image } from './image.ts'
import type { Keypair } from './keypair.ts'
import type { Lease } from './lease.ts'
import type { Migration } from './migration.ts'
import type { PeriodicRecord } from './periodic.ts'
import type { Aggregate, ServerGroup } from './placement.ts'
import type { QuotaRecord } from './quota.ts'
import type { RequestRecord } from './request.ts'
import type { Server } from './server.ts'
import type { Service } from './service.ts'
import type { Token } from './token.ts'
import type { FailedDelivery, FeedPosition, Webhook } from './webhook.ts'

export interface Tables {
  servers: Server
  flavors: Flavor
  images: Image
  keypairs: Keypair
  hosts: HostRecord
  aggregates: Aggregate
  serverGroups: ServerGroup
  quotas: QuotaRecord
  flows: FlowRecord
  requests: RequestRecord
  migrations: Migration
  tokens: Token
  services: Service
  leases: Lease
  periodicTasks: PeriodicRecord
  webhooks: Webhook
  failedDeliveries: FailedDelivery
  feedPositions: FeedPosition
}
export type TableName = keyof Tables

export interface TableShape<N extends TableName> {
  /** Fields that `list({where})` answers without looking at every record. Values are strings, booleans or null. */
  readonly indexes: readonly (keyof Tables[N] & string)[]
  /** Fields whose non-null value no two records may share. */
  readonly unique: readonly (keyof Tables[N] & string)[]
}

export const tableShapes: { readonly [N in TableName]: TableShape<N> } = {
  servers: { indexes: ['projectId', 'name', 'host', 'groupId', 'deleted'], unique: [] },
  flavors: { indexes: ['name'], unique: ['name'] },
  images: { indexes: ['projectId', 'name', 'deleted'], unique: [] },
  keypairs: { indexes: ['userId'], unique: [] },
  hosts: { indexes: ['name'], unique: ['name'] },
  aggregates: { indexes: ['name'], unique: ['name'] },
  serverGroups: { indexes: ['projectId', 'name'], unique: [] },
  quotas: { indexes: [], unique: [] },
  flows: { indexes: ['serverId', 'open'], unique: [] },
  requests: { indexes: ['serverName', 'idempotencyKey'], unique: ['idempotencyKey'] },
  migrations: { indexes: ['serverId', 'open'], unique: [] },
  tokens: { indexes: ['projectId'], unique: [] },
  services: { indexes: [], unique: [] },
  leases: { indexes: [], unique: [] },
  periodicTasks: { indexes: [], unique: [] },
  webhooks: { indexes: [], unique: [] },
  failedDeliveries: { indexes: ['webhookId'], unique: [] },
  feedPositions: { indexes: [], unique: [] },
}
export const tableNames = Object.keys(tableShapes) as TableName[]
