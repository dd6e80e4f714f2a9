/**
 * A machine that commands run on, local or over ssh. Argv only; every command has a deadline.
 * `effect: 'read'` commands may run in a plan; everything else is only written down there.
 */
import type { Duplex, Readable } from 'node:stream'

export interface RunOptions {
  /** Text for standard input; secrets travel here, never in argv. */
  readonly stdin?: string | Uint8Array
  /** Milliseconds; default 30,000. */
  readonly deadlineMs?: number
  /** Default 'write': not executed in a plan. */
  readonly effect?: 'read' | 'write'
  /** Bytes of stdout that are kept; more is a fault. Default 8 MiB. */
  readonly maxOutput?: number
  /** Exit codes that are answers, not faults. Default [0]. */
  readonly okExitCodes?: readonly number[]
  readonly signal?: AbortSignal
}

export interface RunResult {
  readonly stdout: string
  readonly stderr: string
  readonly exitCode: number
}

export interface FileStat {
  readonly size: number
  readonly isDirectory: boolean
  /** Milliseconds since the epoch. */
  readonly modifiedAt: number
}

/** One change, in the order in which it was asked for. */
export type Operation =
  | { readonly kind: 'run'; readonly argv: readonly string[]; readonly options: RunOptions }
  | { readonly kind: 'write'; readonly path: string; readonly bytes: Uint8Array; readonly mode: number }
  | { readonly kind: 'mkdir' | 'remove'; readonly path: string }
  | { readonly kind: 'rename'; readonly from: string; readonly to: string }
  /** The next `count` operations are left out when there is a file at `path`. */
  | { readonly kind: 'unless'; readonly path: string; readonly count: number }

/** The answer of the last operation, after whatever those before it printed. */
export interface BatchResult extends RunResult {
  /** Operations that were left out, by their place. */
  readonly skipped: readonly number[]
}

export interface Host {
  readonly name: string
  /** True for a host that only writes mutating commands down (see recording-host.ts). */
  readonly planning: boolean
  /** Runs argv; a non-zero exit not in okExitCodes is an `internal` fault with host, argv, code and the end of stderr. */
  run(argv: readonly string[], options?: RunOptions): Promise<RunResult>
  /** The bytes of a file, or undefined when there is none. `internal` fault when larger than maxBytes (default 8 MiB); `tail` reads only the end. */
  readFile(path: string, options?: { readonly maxBytes?: number; readonly tail?: boolean }): Promise<Buffer | undefined>
  /** Writes atomically (temp, fsync unless `durable: false`, rename), mode 0600 unless given. */
  writeFile(
    path: string,
    data: string | Uint8Array,
    options?: { readonly mode?: number; readonly durable?: boolean },
  ): Promise<void>
  stat(path: string): Promise<FileStat | undefined>
  readdir(path: string): Promise<string[]>
  /** Creates a directory and its parents, mode 0700. */
  mkdir(path: string): Promise<void>
  /** Removes a file or a whole tree; silent when there is none. */
  remove(path: string): Promise<void>
  rename(from: string, to: string): Promise<void>
  /** Copies a controller's file to the host and resolves with its SHA-256 there. */
  upload(localPath: string, remotePath: string, onProgress?: (done: number, total: number) => void): Promise<string>
  /** The bytes of a file from its beginning, as they are read; the stream fails when the file cannot be read to its end. */
  openRead(path: string): Promise<Readable>
  /** Writes a file (mode 0600, atomic, durable) from a stream and resolves with its SHA-256 there. Holes may stay holes. */
  writeStream(path: string, source: AsyncIterable<Uint8Array>): Promise<string>
  /** A connection to a unix socket on the host, `read` when nothing is changed over it. `unreachable` when nobody listens. */
  connect(socketPath: string, options?: Pick<RunOptions, 'effect'>): Promise<Duplex>
  /**
   * Listens on a unix socket on the host (mode 0600, in place of a stale one) and hands every connection over. The returned
   * function ends the connections, stops listening and removes the socket.
   */
  listen(socketPath: string, onConnection: (connection: Duplex) => void): Promise<() => Promise<void>>
  /** Several changes in order, up to the first that fails, in one round trip; see batch.ts. Only where that is fewer. */
  batch?(operations: readonly Operation[]): Promise<BatchResult>
  close(): Promise<void>
}
