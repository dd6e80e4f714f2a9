/** What the flows of a move share: its state, the guest as the destination must make it, and its migration's record. */
import { claimedDisk, guestSpec } from '../compute/guest-spec.ts'
import { Fault } from '../core/fault.ts'
import { iso } from '../core/time.ts'
import type { GuestSpec, StorageKind } from '../drivers/driver.ts'
import { isOpen, type Migration } from '../model/migration.ts'
import type { Server } from '../model/server.ts'
import type { Reader, Transaction } from '../state/store.ts'
import type { StepRun, Tools } from './flow.ts'
import { bootImages } from './guest-steps.ts'
import { hostNamed, onHostNamed, serverOf } from './server-steps.ts'

/** What every flow of a move carries. */
export interface MoveState {
  readonly migrationId: string
  readonly sourceHost: string
  readonly destHost: string
}

/** Transfer time that every GiB adds to a call's deadline. */
export const msPerGib = 60_000

/** The migration's record; `not-found` when it is gone. */
export async function migrationOf(reader: Reader, { migrationId }: Pick<MoveState, 'migrationId'>): Promise<Migration> {
  const migration = await reader.get('migrations', migrationId)
  if (migration) return migration
  throw new Fault('not-found', `migration ${migrationId} is gone`)
}

/** Notes how far the migration is; it closes with a status that leaves one side only. */
export async function changeMigration(
  tx: Transaction,
  { migrationId }: Pick<MoveState, 'migrationId'>,
  status: Migration['status'],
  tools: Pick<Tools, 'clock'>,
): Promise<void> {
  const migration = await tx.get('migrations', migrationId)
  if (migration) await tx.update('migrations', { ...migration, status, open: isOpen(status), updatedAt: iso(tools.clock.wall()) })
}

/** The server's open migration, or undefined. */
export async function openMigration(reader: Reader, serverId: string): Promise<Migration | undefined> {
  const [open] = await reader.list('migrations', { where: { serverId, open: true }, limit: 1 })
  return open
}

/** The guest on the destination: the new flavor, the destination's own ssh port. */
export async function movedSpec(run: StepRun<MoveState>, sshPort: number | null): Promise<GuestSpec> {
  const images = await bootImages(run)
  return run.tools.store.read(async (reader) => {
    const server = await serverOf(reader, run.serverId)
    const { newFlavor, destHost } = await migrationOf(reader, run.state)
    return guestSpec({ ...server, flavor: newFlavor, nics: withPort(server, sshPort) }, images, await hostNamed(reader, destHost))
  })
}

/** The server's nics behind another port of its host, which leads to the first of them that can have one. */
export function withPort({ nics }: Pick<Server, 'nics'>, sshPort: number | null): Server['nics'] {
  const first = nics.find(({ kind }) => kind === 'user')
  return nics.map((nic) => ({ ...nic, sshPort: nic === first ? sshPort : null }))
}

/** Milliseconds that the disks of the move may take. */
export async function transferDeadline(run: StepRun<MoveState>): Promise<number> {
  const { image } = await bootImages(run)
  const gib = await run.tools.store.read(async (reader) => {
    const { disks } = await serverOf(reader, run.serverId)
    return claimedDisk((await migrationOf(reader, run.state)).oldFlavor, image, disks)
  })
  return run.tools.settings.computeDeadlineMs + gib * msPerGib
}

/** Whether the destination sees the very files that the source has; a driver that does not know shares none. */
export async function storageOf(run: StepRun<Pick<MoveState, 'sourceHost' | 'destHost'>>): Promise<StorageKind> {
  const { sourceHost, destHost } = run.state
  const names = await onHostNamed(run, sourceHost, 'capabilities', undefined)
  if (sourceHost === destHost || !names.includes('sharesWith')) return 'copy'
  return (await onHostNamed(run, sourceHost, 'sharesWith', { to: destHost })) ? 'shared' : 'copy'
}

/** Ends what a host has of a guest whose files are another host's too: the files stay. */
export async function vacate(run: StepRun<unknown>, host: string): Promise<void> {
  const guest = await onHostNamed(run, host, 'inspect', undefined)
  if (guest && !guest.hasFilesOnly) await onHostNamed(run, host, 'stop', { timeoutMs: 0 })
  await onHostNamed(run, host, 'leave', { storage: 'shared' })
}

/** A host that came back after an evacuation may still hold, and run, an old copy; files that it shares with the source are none. */
export async function needNoCopy(run: StepRun<unknown>, host: string, storage: StorageKind = 'copy'): Promise<void> {
  const copy = await onHostNamed(run, host, 'inspect', undefined)
  if (!copy || (copy.hasFilesOnly && storage === 'shared')) return
  // Undoing a move removes what the destination has: those may be the only disks.
  if (copy.hasFilesOnly)
    throw new Fault('conflict', `host ${host} has the files of guest ${run.serverId} already: it may share them with the other`, {
      hint: 'nova doctor says what it is; hosts that share a directory move servers while both of them answer',
    })
  throw new Fault('conflict', `host ${host} already holds a guest ${run.serverId}, which is ${copy.powerState}`, {
    hint: 'nova doctor says what it is and what repairs it',
  })
}
