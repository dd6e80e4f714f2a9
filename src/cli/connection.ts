/** What a command knows of the core it talks to. */
import type { Duplex } from 'node:stream'
import type { AnyAction } from '../core/action.ts'
import type { ProgressSink } from '../core/ports.ts'

/** Where a command's work is done, after flags, environment and context were weighed up. */
export interface Target {
  readonly stateDirectory: string
  readonly projectId: string
  /** False when nobody named the project and it is the default one. */
  readonly projectGiven?: boolean
  readonly userId: string
  readonly endpoint: string | undefined
  /** False when the records are opened here although a daemon serves them. */
  readonly daemon?: boolean
  readonly env: NodeJS.ProcessEnv
  /** Whether a person can be asked. */
  readonly interactive?: boolean
}

export interface CallOptions {
  readonly signal: AbortSignal
  readonly progress: ProgressSink
  readonly plan?: boolean
  /** `--at`: a time or revision of the past. */
  readonly at?: string
  readonly requestId?: string
}

/** A server by its name or id, and where its console is; an endpoint needs no more than the first. */
export interface FoundConsole {
  readonly server: string
  readonly host: string
  readonly socket: string
}

export interface Connection {
  /** Runs an action, given itself or by name, and resolves with its output. */
  call(action: AnyAction | string, input: unknown, options: CallOptions): Promise<unknown>
  close(): Promise<void>
  /** The serial console that `server.console-attach` has found. */
  openConsole(found: FoundConsole): Promise<Duplex>
  /** Hands the work under way to another process, so that this one may end. */
  detach?(): Promise<unknown>
}
