/** The audit log: one JSON line a mutating call, appended by every process, never changed; a file of its own beside the records. */
import { asFault, Fault } from '../../core/fault.ts'
import type { Fs } from '../../core/ports.ts'
import type { AuditEntry } from '../../model/audit.ts'
import type { ChainReport } from '../audit-report.ts'
import { checkChain, fold, type Link, linkAtEnd, noLines, read } from './audit-chain.ts'
import { checkDirectory } from './directory-guard.ts'
import { type Hasher, loadHasher } from './journal-line.ts'

export interface AuditLog {
  write(entry: AuditEntry): Promise<void>
  /** Entries that match, newest first. */
  list(options: { readonly limit: number }, matches: (entry: AuditEntry) => boolean): AuditEntry[]
  /** Whether every line continues those before it. */
  verify(): Promise<ChainReport>
}

/** The audit log in `path`; the file is made by the first entry, for its owner alone. */
export function auditLog(path: string, fs: Fs, uid = process.getuid?.() ?? 0): AuditLog {
  /** What this process has seen of the file with this inode. */
  let seen: (Link & { readonly ino: number }) | undefined

  /** The link over all that is in the file; only what is new since the last look is read. */
  function lookAt(fd: number, ino: number, hash: Hasher): Link {
    const size = fs.size(fd)
    if (size === 0) return noLines
    const known = seen?.ino === ino && seen.seen <= size ? seen : undefined
    return known ? fold(known, read(fs, fd, known.seen, size), hash) : linkAtEnd(fs, fd, size, hash)
  }

  function append(entry: AuditEntry, hash: Hasher): void {
    // Opened for each entry, so that a log that was rotated away is left alone. One write: lines of processes do not mix.
    const fd = fs.open(path, 'a+', 0o600)
    try {
      const { ino } = fs.stat(path)
      const link = lookAt(fd, ino, hash)
      // The rest of a line that a full disk cut gets a line of its own.
      const isCut = fs.size(fd) > link.seen && read(fs, fd, fs.size(fd) - 1, fs.size(fd))[0] !== 10
      fs.write(fd, Buffer.from(`${isCut ? '\n' : ''}${JSON.stringify({ ...entry, seen: link.seen, link: link.link })}\n`))
      seen = { ...link, ino }
    } finally {
      fs.close(fd)
    }
  }

  return {
    async write(entry) {
      if (!isOurs(fs, path.slice(0, path.lastIndexOf('/')), uid)) return
      const hash = await hasher()
      try {
        append(entry, hash)
      } catch (error) {
        throw new Fault('internal', `the audit log cannot be written: ${asFault(error).message}`, { cause: error })
      }
    },
    list({ limit }, matches) {
      if (!fs.exists(path)) return []
      const found: AuditEntry[] = []
      const lines = fs.readFile(path).toString('utf8').split('\n')
      for (let index = lines.length - 1; index >= 0 && found.length < limit; index--) {
        const entry = entryOf(lines[index] ?? '')
        if (entry && matches(entry)) found.push(entry)
      }
      return found
    },
    verify: async () => checkChain(fs.exists(path) ? fs.readFile(path) : Buffer.alloc(0), await hasher()),
  }
}

/** False without a directory, or in one that the store refuses: there are no records that a call could have changed. */
function isOurs(fs: Fs, directory: string, uid: number): boolean {
  try {
    return checkDirectory(fs, directory, uid, true)
  } catch {
    return false
  }
}

/** Loaded by the first entry of the process. */
let loaded: Hasher | undefined
async function hasher(): Promise<Hasher> {
  loaded ??= await loadHasher()
  return loaded
}

/** A line that was cut by a full disk is no entry; its place in the chain is not shown. */
function entryOf(line: string): AuditEntry | undefined {
  try {
    if (line === '') return undefined
    const { seen: _, link: __, ...entry } = JSON.parse(line) as AuditEntry & Link
    return entry
  } catch {
    return undefined
  }
}
