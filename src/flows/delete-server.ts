import { iso } from '../core/time.ts'
import type { Flow, Step, Tools } from './flow.ts'
import { dropUnusedBytes, retireImage } from './image-bytes.ts'
import { changeMigration, openMigration } from './moving.ts'
import { changeServer, onHostNamed, serverOf, setFault } from './server-steps.ts'
import type { SnapshotState } from './snapshot-steps.ts'

/** A delete needs to remember nothing. */
export type DeleteState = null

/** A server that never got a host has nothing to destroy; one that moves has something on both sides, aside or not. */
const destroy: Step<DeleteState> = {
  name: 'destroy',
  async run(run) {
    const { server, migration } = await run.tools.store.read(async (reader) => ({
      server: await serverOf(reader, run.serverId),
      migration: await openMigration(reader, run.serverId),
    }))
    if (migration) await onHostNamed(run, migration.sourceHost, 'dropAside', undefined)
    for (const host of new Set([server.host, migration?.sourceHost ?? null, migration?.destHost ?? null]))
      if (host !== null) await onHostNamed(run, host, 'destroy', undefined)
    return undefined
  },
}

/** After this nothing of the server's secrets is left; only then does its record say deleted. */
const forget: Step<DeleteState> = {
  name: 'forget',
  async run({ tools, serverId }) {
    await tools.vault.forget(serverId)
    return undefined
  },
}

/** The image of a shelved server, and what images of it were made of that the delete cut off. */
const images: Step<DeleteState> = {
  name: 'images',
  async run({ tools, serverId, requestId }) {
    const { flows, kept } = await tools.store.read(async (reader) => {
      const { shelved } = await serverOf(reader, serverId)
      return {
        flows: await reader.list('flows', { where: { serverId } }),
        kept: shelved ? await reader.get('images', shelved.imageId) : undefined,
      }
    })
    const cutOff = flows.filter(({ status }) => status === 'undone').flatMap(({ state }) => (isSnapshot(state) ? [state] : []))
    const at = iso(tools.clock.wall())
    await tools.store.transaction({ actor: 'system', request: requestId, action: 'image.delete' }, async (tx) => {
      if (kept) await retireImage(tx, kept.id, at)
      for (const { imageId } of cutOff) {
        const image = await tx.get('images', imageId)
        if (image && image.status !== 'active' && !image.deleted) await tx.remove('images', imageId)
      }
    })
    if (!tools.plan) await dropBytes(tools, requestId, kept?.checksum ?? null, cutOff)
    return undefined
  },
}

async function dropBytes(tools: Tools, request: string, kept: string | null, cutOff: readonly SnapshotState[]): Promise<void> {
  for (const { imageId, from } of cutOff) await tools.images.discard(imageId, from)
  for (const digest of [kept, ...cutOff.map((one) => one.digest)])
    if (digest !== null) await dropUnusedBytes(tools, digest, { actor: 'system', request, action: 'image.delete' })
}

const isSnapshot = (state: unknown): state is SnapshotState =>
  typeof state === 'object' && state !== null && 'imageId' in state && 'isKept' in state

/** Legal in every state; pre-empts whatever runs. Claims and quota go with the record, in one transaction. */
export const deleteServer: Flow<DeleteState> = {
  name: 'delete-server',
  action: 'delete',
  steps: [destroy, images, forget],
  async finish(tx, _, server, tools) {
    if (!server) return
    const at = iso(tools.clock.wall())
    const migration = await openMigration(tx, server.id)
    // A move that was deleted with its server went neither way.
    if (migration) await changeMigration(tx, { migrationId: migration.id }, 'error', tools)
    await changeServer(tx, server.id, {
      vmState: 'deleted',
      taskState: null,
      powerState: 'shutdown',
      deleted: true,
      // A soft-deleted server is gone for its owner since then.
      deletedAt: server.vmState === 'soft-delete' ? server.deletedAt : at,
      stateBeforeDelete: null,
      updatedAt: at,
      nics: server.nics.map((nic) => ({ ...nic, sshPort: null })),
    })
  },
  async giveUp(tx, _, server, fault, tools) {
    if (server) await changeServer(tx, server.id, { vmState: 'error', taskState: null, ...setFault(fault, tools) })
  },
}
