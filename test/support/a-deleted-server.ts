/** A deleted server with what belongs to it, as the archive finds it. */
import type { FlowRecord } from '../../src/model/flow.ts'
import type { RequestRecord } from '../../src/model/request.ts'
import type { Server } from '../../src/model/server.ts'
import type { Store } from '../../src/state/store.ts'
import { aServer } from './a-server.ts'

export const deletedAt = '2026-01-10T00:00:00.000Z'

export const aDeletedServer = (id: string, overrides: Partial<Server> = {}): Server =>
  aServer({
    id,
    name: `web-${id}`,
    requestId: `req-${id}`,
    vmState: 'deleted',
    host: null,
    deleted: true,
    deletedAt,
    ...overrides,
  })

export const aFlow = (id: string, serverId: string, overrides: Partial<FlowRecord> = {}): FlowRecord => ({
  id,
  generation: 1,
  name: 'boot-server',
  action: 'create',
  serverId,
  label: `web-${serverId}`,
  projectId: 'p1',
  actor: 'alice',
  requestId: `req-${serverId}`,
  status: 'done',
  open: false,
  state: null,
  steps: [],
  owner: null,
  epoch: 1,
  fault: null,
  createdAt: deletedAt,
  finishedAt: deletedAt,
  ...overrides,
})

export const aRequest = (id: string, serverIds: readonly string[], overrides: Partial<RequestRecord> = {}): RequestRecord => ({
  id,
  generation: 1,
  projectId: 'p1',
  userId: 'alice',
  action: 'server.create',
  serverName: 'web',
  serverIds,
  idempotencyKey: null,
  inputHash: null,
  decisions: [],
  fault: null,
  createdAt: deletedAt,
  ...overrides,
})

const test = { actor: 'test', request: 'req-0', action: 'given' }

/** Puts deleted servers with two flows and a request each into the store. */
export async function giveDeleted(store: Store, ...servers: Server[]): Promise<void> {
  await store.transaction(test, async (tx) => {
    for (const server of servers) {
      const { id } = server
      await tx.insert('servers', server)
      await tx.insert('flows', aFlow(`${id}-boot`, id))
      await tx.insert('flows', aFlow(`${id}-delete`, id, { action: 'delete', requestId: `req-delete-${id}` }))
      await tx.insert('requests', aRequest(`req-${id}`, [id]))
    }
  })
}
