/** The way of every snapshot: room is looked for, a copy is made beside the guest, brought to the controller and removed. */
import { Fault } from '../core/fault.ts'
import { type Downloaded, download } from '../hosts/download.ts'
import type { DriverContext } from './driver-context.ts'
import type { GuestDirectory } from './guest-directory.ts'
import { type PlacedDisk, placedDisks } from './guest-disk.ts'
import type { GuestRecord } from './guest-record.ts'
import { convert, measure } from './qemu-img.ts'

export interface SnapshotRun {
  readonly record: GuestRecord
  readonly paths: GuestDirectory
  readonly localPath: string
  /** Copies the disk of a guest that runs to the file; undefined for one that does not. */
  readonly copyLive: ((root: PlacedDisk, target: string) => Promise<void>) | undefined
  /** Ends a copy that is under way and removes its files. */
  readonly drop: () => Promise<void>
  readonly onProgress?: ((done: number, total: number) => void) | undefined
}

/** Where the copy is made; it goes with the guest's directory, whatever happens. */
export const snapshotFile = (paths: Pick<GuestDirectory, 'directory'>): string => `${paths.directory}/snapshot.qcow2`

/** Takes one snapshot. What an earlier one left goes first, so that it can be repeated after any failure. */
export async function takeSnapshot(context: DriverContext, run: SnapshotRun): Promise<Downloaded> {
  const { host } = context
  const root = rootOf(run.record, run.paths)
  const target = snapshotFile(run.paths)
  await run.drop()
  try {
    if (!host.planning) await needRoom(context, root, run)
    if (run.copyLive) await run.copyLive(root, target)
    else await convert(host, { source: root.path, sourceFormat: root.format, target, targetFormat: 'qcow2' })
    const files = { remotePath: target, localPath: run.localPath }
    const result = host.planning ? { digest: '', bytes: 0 } : await download(host, files, run.onProgress, context.receive)
    await host.remove(target)
    return result
  } catch (error) {
    // What failed is told, not that a host which is gone could not be tidied up: the next snapshot or the delete does it.
    await run.drop().catch(() => undefined)
    throw error
  }
}

function rootOf({ spec }: GuestRecord, paths: GuestDirectory): PlacedDisk {
  const root = placedDisks(spec, paths).find(({ disk }) => disk.role === 'root')
  if (root) return root
  throw new Fault('unsupported', `guest ${spec.id} has no root disk to make an image of`)
}

/** A full disk would stop the guest whose disk is copied, and its neighbours. */
async function needRoom({ host }: DriverContext, root: PlacedDisk, { paths, copyLive, record }: SnapshotRun): Promise<void> {
  const needed = await measure(host, { path: root.path, format: root.format, isOpen: copyLive !== undefined })
  const { stdout } = await host.run(['df', '-B1', '--output=avail', '--', paths.directory], { effect: 'read' })
  const free = Number(stdout.trim().split('\n').at(-1))
  if (free >= needed) return
  const message = `host ${host.name} has ${free} bytes free for ${paths.directory}, an image of guest ${record.spec.id} takes up to ${needed}`
  throw new Fault('conflict', message, { hint: 'free space on the host or move the server to another one' })
}
