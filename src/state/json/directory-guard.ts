/** Refuses state directories that somebody else could have written. */
import { Fault } from '../../core/fault.ts'
import type { Fs } from '../../core/ports.ts'
import { isCode, pathFault } from './disk-fault.ts'
import { directoryMode } from './layout.ts'

const writableByOthers = 0o022

/** True when the directory exists and is ours to read (and to write, with `writing`); a fault says what is wrong with it. */
export function checkDirectory(fs: Fs, directory: string, uid: number, writing: boolean): boolean {
  const found = statOf(fs, directory)
  if (!found) return false
  if (found.isSymbolicLink) {
    throw new Fault('forbidden', `${directory} is a symbolic link`, { hint: 'name the directory that it leads to' })
  }
  if (!found.isDirectory) throw new Fault('invalid', `${directory} is not a directory`, { hint: 'name another state directory' })
  const isForeign = found.uid !== uid
  // Root may look at anybody's state, but files that it created there would lock the owner out.
  if (isForeign && (writing || uid !== 0)) {
    throw new Fault('forbidden', `${directory} belongs to uid ${found.uid}, this process runs as uid ${uid}`, {
      hint: `run as uid ${found.uid}, or name another state directory`,
    })
  }
  if ((found.mode & writableByOthers) !== 0) {
    const mode = (found.mode & 0o777).toString(8)
    throw new Fault('forbidden', `${directory} of uid ${found.uid} is writable by others (mode ${mode})`, {
      hint: `chmod go-w ${directory}`,
    })
  }
  return true
}

/** Creates the directory when it is missing, for its owner alone. */
export function makeDirectory(fs: Fs, directory: string): void {
  try {
    fs.mkdir(directory, directoryMode)
  } catch (error) {
    throw pathFault(error, directory)
  }
}

function statOf(fs: Fs, directory: string) {
  try {
    return fs.stat(directory)
  } catch (error) {
    if (isCode(error, 'ENOENT')) return undefined
    throw pathFault(error, directory)
  }
}
