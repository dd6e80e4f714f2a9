/**
 * The outside world as interfaces. Everything non-deterministic enters through one of these,
 * so that a whole fleet can be simulated from a seed. Adapters live in src/system and are named only by main.ts.
 */

export interface Clock {
  /** Wall time in milliseconds since the epoch. */
  wall(): number
  /** Monotonic milliseconds; the only clock for deadlines and durations. */
  monotonic(): number
  /** Resolves after `ms`, or rejects with a `timeout` fault when the signal aborts. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
  /** A signal that aborts after `ms`, unless `over` aborts before: then nothing of it is kept. */
  deadline(ms: number, over?: AbortSignal): AbortSignal
}

export interface Random {
  bytes(count: number): Uint8Array
  /** A version 4 UUID. */
  uuid(): string
}

/** Who a process is, in a form that survives the reuse of process ids. */
export interface ProcessIdentity {
  readonly pid: number
  /** Start time in clock ticks since boot, from /proc/PID/stat. */
  readonly startTime: string
  readonly bootId: string
}

export interface Processes {
  self(): ProcessIdentity
  /** True when that very process still runs on this machine. */
  isAlive(identity: ProcessIdentity): boolean
}

/**
 * The file system under the state directory: synchronous on the read path (start-up budget), one descriptor a file.
 * Errors are node's own (`code` ENOENT, ENOSPC, EIO …).
 */
export interface Fs {
  open(path: string, flags: string, mode?: number): number
  close(fd: number): void
  read(fd: number, buffer: Uint8Array, position: number): number
  size(fd: number): number
  readFile(path: string): Buffer
  /** The same without blocking: some files of /proc take milliseconds. */
  readFileLater(path: string): Promise<Buffer>
  exists(path: string): boolean
  readdir(path: string): string[]
  mkdir(path: string, mode: number): void
  write(fd: number, data: Uint8Array): number
  truncate(fd: number, size: number): void
  rename(from: string, to: string): void
  unlink(path: string): void
  /** Removes an empty directory. */
  rmdir(path: string): void
  /** Resolves when the file's data is on the disk; a rejection means that it may not be. */
  datasync(fd: number): Promise<void>
  fsync(fd: number): void
  /** Makes renames and creations in a directory durable. */
  fsyncDirectory(path: string): void
  stat(path: string): { uid: number; mode: number; isDirectory: boolean; isSymbolicLink: boolean; ino: number; size: number }
  /** Takes an exclusive kernel lock on an open file, free at once when the holder dies. Resolves with the release. */
  lock(fd: number, timeoutMs: number): Promise<() => void>
}

/** Where live progress goes; actions and flows never print. */
export type ProgressSink = (event: ProgressEvent) => void

/** For calls whose progress nobody looks at: work elsewhere is then not asked to report any. */
export const noProgress: ProgressSink = () => undefined

export type ProgressEvent =
  /** A flow begins; `flow` names it for a person, for example `create web-1`, and all its steps carry that name. */
  | { readonly type: 'flow'; readonly flow: string; readonly steps: readonly string[] }
  | {
      readonly type: 'step'
      readonly flow: string
      readonly step: string
      readonly status: 'running' | 'done' | 'failed' | 'undoing' | 'undone'
      readonly message?: string
      readonly commands?: readonly string[]
    }
  | { readonly type: 'bytes'; readonly what: string; readonly done: number; readonly total: number | undefined }
  | { readonly type: 'note'; readonly message: string }
