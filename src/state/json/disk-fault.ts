/** Errors of the file system as faults that name the path, the errno and what to do. */
import { Fault } from '../../core/fault.ts'

/** True when `error` is a system error with that code. */
export function isCode(error: unknown, ...codes: readonly string[]): boolean {
  return codes.includes(codeOf(error))
}

function codeOf(error: unknown): string {
  if (!(error instanceof Error && 'code' in error)) return ''
  // libuv has no name for it: node says UNKNOWN.
  return 'errno' in error && error.errno === quotaErrno ? 'EDQUOT' : String(error.code)
}

/** Linux's number of EDQUOT, as node gives it. */
const quotaErrno = -122

/** A write that the disk refused: nothing was acknowledged and the store stays usable. */
export function writeFault(error: unknown, path: string, bytes: number): Fault {
  if (error instanceof Fault) return error
  const full = isCode(error, 'ENOSPC') ? 'no space left on device' : isCode(error, 'EDQUOT') ? 'disk quota exceeded' : ''
  if (full === '') return new Fault('internal', `${path} cannot be written: ${reasonOf(error)}`, { cause: error })
  return new Fault('internal', `${path}: ${full} (${bytes} bytes needed)`, {
    hint: 'free some space and run the command again; nothing was recorded',
    cause: error,
  })
}

/** A failed fsync: what was written may or may not be on the disk. */
export function syncFault(error: unknown, path: string): Fault {
  return new Fault('internal', `${path} may not be on the disk: fsync failed with ${reasonOf(error)}`, {
    hint: 'check the disk; this process records nothing more, a new one continues from what the disk holds',
    cause: error,
  })
}

/** A path that cannot be opened or read. */
export function pathFault(error: unknown, path: string): Fault {
  if (error instanceof Fault) return error
  if (isCode(error, 'EACCES', 'EPERM')) {
    return new Fault('forbidden', `no permission for ${path}`, {
      hint: 'run as its owner, or name another state directory',
      cause: error,
    })
  }
  if (isCode(error, 'ENOTDIR', 'EEXIST')) {
    return new Fault('invalid', `${path} is not a directory`, { hint: 'name another state directory', cause: error })
  }
  if (isCode(error, 'ELOOP')) return new Fault('forbidden', `${path} is a symbolic link`, { cause: error })
  if (isCode(error, 'EROFS')) return new Fault('forbidden', `${path} is on a read-only file system`, { cause: error })
  return new Fault('internal', `${path}: ${reasonOf(error)}`, { cause: error })
}

function reasonOf(error: unknown): string {
  return codeOf(error) || (error instanceof Error ? error.message : String(error))
}
