/** Why a file operation on a host failed, from what its tools say (in the C locale) to the words of a local failure. */
import type { Fault } from '../core/fault.ts'
import { oneLine } from './command-fault.ts'
import { fileFault } from './file-fault.ts'

const codes = new Map([
  ['Permission denied', 'EACCES'],
  ['Operation not permitted', 'EPERM'],
  ['No such file or directory', 'ENOENT'],
  ['Not a directory', 'ENOTDIR'],
  ['Directory not empty', 'ENOTEMPTY'],
  ['File exists', 'EEXIST'],
  ['Is a directory', 'EISDIR'],
  ['No space left on device', 'ENOSPC'],
  ['Disk quota exceeded', 'EDQUOT'],
  ['Read-only file system', 'EROFS'],
  ['Too many levels of symbolic links', 'ELOOP'],
  ['File name too long', 'ENAMETOOLONG'],
  ['Input/output error', 'EIO'],
])

/** True for the reasons that mean: there is no such file. */
export const isAbsence = (reason: string) => ['ENOENT', 'ENOTDIR'].includes(codes.get(reason) ?? '')

/** The fault for what a tool wrote to stderr; its last line ends with the reason. */
export function remoteFileFault(host: string, attempt: string, stderr: string): Fault {
  const line = stderr.trimEnd().split('\n').at(-1) ?? ''
  const reason = line.slice(line.lastIndexOf(': ') + 1).trim()
  const code = codes.get(reason)
  return fileFault(host, attempt, code === undefined ? new Error(oneLine(reason)) : Object.assign(new Error(reason), { code }))
}
