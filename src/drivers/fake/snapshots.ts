/** An image of a fake guest: an empty qcow2 whose header tells whose it is. */
import { Fault } from '../../core/fault.ts'
import { download, type WriteLocal } from '../../hosts/download.ts'
import type { Host } from '../../hosts/host.ts'
import type { Snapshots } from '../driver.ts'
import { snapshotFile } from '../snapshot-disk.ts'
import type { Guest } from './guest.ts'

interface FakeTools {
  readonly host: Host
  readonly instancesPath: string
  /** How bytes get to the controller. */
  readonly receive: WriteLocal | undefined
  existing(id: string): Promise<Guest>
}

/** The fake's side of images of guests. */
export function fakeSnapshots({ host, instancesPath, receive, existing }: FakeTools): Snapshots {
  const fileOf = (id: string) => snapshotFile({ directory: `${instancesPath}/${id}` })
  return {
    async snapshot(id, localPath, _, onProgress) {
      const root = (await existing(id)).spec?.disks.find(({ role }) => role === 'root')
      if (!root) throw new Fault('unsupported', `guest ${id} has no root disk to make an image of`)
      await host.writeFile(fileOf(id), emptyDisk(root.bytes || (root.image?.virtualSize ?? 1), id), { durable: false })
      if (host.planning) return { digest: '', bytes: 0 }
      const result = await download(host, { remotePath: fileOf(id), localPath }, onProgress, receive)
      await host.remove(fileOf(id))
      return result
    },
    dropSnapshot: (id) => host.remove(fileOf(id)),
  }
}

const clusterBits = 16
const cluster = 2 ** clusterBits
/** Bytes of the disk that one entry of the first table stands for. */
const perEntry = cluster * (cluster / 8)

/** A qcow2 of that size which reads as zeros: its header, a refcount table and a table of nothing. */
function emptyDisk(bytes: number, note: string): Buffer {
  const entries = Math.ceil(bytes / perEntry)
  const disk = Buffer.alloc(2 * cluster + entries * 8)
  disk.write('QFI\xfb', 'latin1')
  disk.writeUInt32BE(2, 4)
  disk.writeUInt32BE(clusterBits, 20)
  disk.writeBigUInt64BE(BigInt(bytes), 24)
  disk.writeUInt32BE(entries, 36)
  disk.writeBigUInt64BE(BigInt(2 * cluster), 40)
  disk.writeBigUInt64BE(BigInt(cluster), 48)
  disk.writeUInt32BE(1, 56)
  // Behind the end of the header, where nobody reads.
  disk.write(note, 4096)
  return disk
}
