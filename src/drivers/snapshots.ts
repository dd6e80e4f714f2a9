/** Images of guests' root disks, taken while they run or not. */
import type { Downloaded } from '../hosts/download.ts'

export interface SnapshotOptions {
  /** Milliseconds that the copy on the host may take. */
  readonly deadlineMs: number
}

/** A driver has both or none. */
export interface Snapshots {
  /**
   * Writes the root disk as it is at one moment to the controller's file `localPath`: a qcow2 that needs no other file. A
   * guest that runs goes on running; what its kernel has not written yet is not in it. Nothing stays on the host. Faults:
   * `unsupported` for a guest without a root disk, `conflict` with numbers when the host has no room for the copy.
   */
  snapshot(
    id: string,
    localPath: string,
    options: SnapshotOptions,
    onProgress?: (done: number, total: number) => void,
  ): Promise<Downloaded>
  /** Ends a snapshot whose caller is gone and removes what it left; nothing happens when there is none. */
  dropSnapshot(id: string): Promise<void>
}
