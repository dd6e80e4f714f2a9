/** What a failed file operation says: host, operation, path and the reason in words. */
import { Fault } from '../core/fault.ts'

const reasons = new Map([
  ['EACCES', 'permission denied'],
  ['EPERM', 'permission denied'],
  ['ENOENT', 'no such file or directory'],
  ['ENOTDIR', 'a part of the path is not a directory'],
  ['ENOTEMPTY', 'the directory is not empty'],
  ['EEXIST', 'something of that name is there'],
  ['EINVAL', 'that is impossible'],
  ['EISDIR', 'it is a directory'],
  ['ENOSPC', 'no space left on the device'],
  ['EDQUOT', 'the disk quota is used up'],
  ['EROFS', 'the file system is read-only'],
  ['ELOOP', 'it is a symbolic link'],
  ['ENAMETOOLONG', 'the path is too long'],
  ['EIO', 'the disk reported an input/output error'],
  ['EXDEV', 'the two paths are on different file systems'],
])

/** The `code` of a node error (ENOENT …), or an empty string. */
export function errorCode(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''
}

/** Why a file operation failed, in words. */
export function fileReason(error: unknown): string {
  return reasons.get(errorCode(error)) ?? (error instanceof Error ? error.message : String(error))
}

/** An `internal` fault, e.g. `host a: cannot write /x (20 bytes): no space left on the device`. */
export function fileFault(host: string, attempt: string, error: unknown): Fault {
  if (error instanceof Fault) return error
  return new Fault('internal', `host ${host}: cannot ${attempt}: ${fileReason(error)}`, { cause: error })
}
