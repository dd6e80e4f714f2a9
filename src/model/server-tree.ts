/**
 * What belongs to a server: it leaves the live tables with the server, and comes back with it.
 * Every table is named here, so that a new one does not compile before somebody has decided.
 */
import type { TableName, Tables } from './tables.ts'

type Field<N extends TableName> = keyof Tables[N] & string

export type TreeRule<N extends TableName> =
  /** The server itself. */
  | { readonly kind: 'root' }
  /** Belongs to the one server that `field` names; an open one (`open`) keeps the server where it is. */
  | { readonly kind: 'owned'; readonly field: Field<N> }
  /** Names several servers in `field` and leaves with the last of them; found by the request ids of the others. */
  | { readonly kind: 'shared'; readonly field: Field<N> }
  | { readonly kind: 'stays' }

export const serverTree: { readonly [N in TableName]: TreeRule<N> } = {
  servers: { kind: 'root' },
  flows: { kind: 'owned', field: 'serverId' },
  migrations: { kind: 'owned', field: 'serverId' },
  requests: { kind: 'shared', field: 'serverIds' },
  flavors: { kind: 'stays' },
  images: { kind: 'stays' },
  keypairs: { kind: 'stays' },
  hosts: { kind: 'stays' },
  aggregates: { kind: 'stays' },
  serverGroups: { kind: 'stays' },
  quotas: { kind: 'stays' },
  tokens: { kind: 'stays' },
  services: { kind: 'stays' },
  leases: { kind: 'stays' },
  periodicTasks: { kind: 'stays' },
  webhooks: { kind: 'stays' },
  failedDeliveries: { kind: 'stays' },
  feedPositions: { kind: 'stays' },
}
