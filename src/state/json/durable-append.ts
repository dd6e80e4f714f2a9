/** Appends to a file so that either everything is on the disk or nothing was added. */
import type { Fault } from '../../core/fault.ts'
import type { Fs } from '../../core/ports.ts'
import { syncFault, writeFault } from './disk-fault.ts'
import { writeAll } from './write-all.ts'

export interface Appended {
  readonly fault?: Fault
  /** True when nobody knows what the file holds now: the writer must not go on. */
  readonly isPoisoned?: boolean
}

/** Writes `bytes` behind the `size` bytes that the file has, then waits for the disk. */
export async function appendDurably(
  fs: Fs,
  file: { fd: number; path: string; size: number },
  bytes: Uint8Array,
): Promise<Appended> {
  try {
    writeAll(fs, file.fd, bytes)
  } catch (error) {
    return { fault: writeFault(error, file.path, bytes.length), isPoisoned: !cutBack(fs, file) }
  }
  try {
    await fs.datasync(file.fd)
    return {}
  } catch (error) {
    // The pages count as clean now and a second fsync would lie. Cut, so that a later opener sees what was acknowledged.
    cutBack(fs, file)
    return { fault: syncFault(error, file.path), isPoisoned: true }
  }
}

/** Removes what a failed append may have left; false when that failed too. */
function cutBack(fs: Fs, file: { fd: number; size: number }): boolean {
  try {
    fs.truncate(file.fd, file.size)
    return true
  } catch {
    return false
  }
}
