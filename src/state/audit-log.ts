/** The audit log: one JSON line a mutating call, appended by every process, never changed; a file of its own beside the records. */
import { asFault, Fault } from '../core/fault.ts'
import type { Fs } from '../core/ports.ts'
import type { AuditEntry } from '../model/audit.ts'

export interface AuditLog {
  write(entry: AuditEntry): void
  /** Entries that match, newest first. */
  list(options: { readonly limit: number }, matches: (entry: AuditEntry) => boolean): AuditEntry[]
}

/** The audit log in `path`; the file is made by the first entry, for its owner alone. */
export function auditLog(path: string, fs: Fs): AuditLog {
  return {
    write(entry) {
      // Without a directory there are no records that a call could have changed.
      if (!fs.exists(path.slice(0, path.lastIndexOf('/')))) return
      // Opened for each entry, so that a log that was rotated away is left alone. One write: lines of processes do not mix.
      try {
        const fd = fs.open(path, 'a', 0o600)
        try {
          fs.write(fd, Buffer.from(`${JSON.stringify(entry)}\n`))
        } finally {
          fs.close(fd)
        }
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
  }
}

/** A line that was cut by a full disk is no entry. */
function entryOf(line: string): AuditEntry | undefined {
  try {
    return line === '' ? undefined : (JSON.parse(line) as AuditEntry)
  } catch {
    return undefined
  }
}
