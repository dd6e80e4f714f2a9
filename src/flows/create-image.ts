import { Fault } from '../core/fault.ts'
import { iso } from '../core/time.ts'
import { specOf } from '../model/flavor.ts'
import type { Image } from '../model/image.ts'
import type { Reader } from '../state/store.ts'
import type { Flow, Step } from './flow.ts'
import { dropUnusedBytes, retireImage } from './image-bytes.ts'
import { restEnds, serverOf } from './server-steps.ts'
import { authorOf, copyStep, recordStep, type SnapshotState, storeStep, unlessKept } from './snapshot-steps.ts'

/** What a backup carries besides. */
export interface BackupState extends SnapshotState {
  /** Backups of one type replace each other; the newest `rotation` of them stay. */
  readonly type: string
  readonly rotation: number
  /** SHA-256 of the contents of those that went. */
  readonly dropped: readonly string[]
}

const making = <S extends SnapshotState>(): Step<S>[] =>
  [recordStep<S>('image_pending_upload'), copyStep<S>('image_uploading'), storeStep<S>()].map(unlessKept)

/** record → copy → store. The server goes on as it is. */
export const createImage: Flow<SnapshotState> = {
  name: 'create-image-server',
  action: 'createImage',
  steps: making(),
  ...restEnds,
}

/** Older backups go only after the new one is complete; from then on it is not taken back. */
const rotate: Step<BackupState> = {
  name: 'rotate',
  async run({ state, serverId, tools }) {
    const old = await tools.store.read((reader) => beyond(reader, serverId, state))
    const dropped = old.flatMap(({ checksum }) => (checksum === null ? [] : [checksum]))
    return {
      state: { ...state, isKept: true, dropped },
      async commit(tx) {
        for (const { id } of old) await retireImage(tx, id, iso(tools.clock.wall()))
      },
    }
  },
}

const drop: Step<BackupState> = {
  name: 'drop',
  async run(run) {
    const { tools, state } = run
    if (tools.plan) return undefined
    for (const digest of state.dropped) await dropUnusedBytes(tools, digest, authorOf(run, 'image.delete'))
    return undefined
  },
}

/** record → copy → store → rotate → drop the bytes of what was rotated out. */
export const backupServer: Flow<BackupState> = {
  name: 'backup-server',
  action: 'createBackup',
  steps: [...making<BackupState>(), rotate, drop],
  ...restEnds,
}

/** The server's backups of that type, newest first, without those that stay and those that are protected. */
async function beyond(reader: Reader, serverId: string, { type, rotation }: BackupState): Promise<Image[]> {
  const { projectId } = await serverOf(reader, serverId)
  const all = await reader.list('images', { where: { projectId, deleted: false } })
  const isOfType = ({ properties, status }: Image) =>
    status === 'active' &&
    specOf(properties, 'instance_uuid') === serverId &&
    specOf(properties, 'image_type') === 'backup' &&
    specOf(properties, 'backup_type') === type
  if (rotation < 1) throw new Fault('invalid', `rotation is ${rotation}, the least is 1`)
  const ordered = all.filter(isOfType).sort((a, b) => (a.createdAt < b.createdAt ? 1 : a.createdAt > b.createdAt ? -1 : 0))
  return ordered.slice(rotation).filter((image) => !image.protected)
}
