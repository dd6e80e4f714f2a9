import type { FaultRecord } from '../core/fault.ts'
import type { ProcessIdentity } from '../core/ports.ts'

export type FlowStatus = 'running' | 'undoing' | 'done' | 'undone' | 'blocked'

export interface StepRecord {
  readonly name: string
  readonly status: 'pending' | 'running' | 'done' | 'failed' | 'undoing' | 'undone'
  readonly startedAt: string | null
  readonly finishedAt: string | null
  /** Monotonic milliseconds of the last run, when one process saw both ends. */
  readonly durationMs: number | null
  readonly commands: readonly string[]
}

/** One long operation: journal of its steps and, when over, an instance action of its server. */
export interface FlowRecord {
  readonly id: string
  readonly generation: number
  /** For example `boot-server`. */
  readonly name: string
  /** The instance action's word: create, delete, stop … */
  readonly action: string
  readonly serverId: string
  /** The server's name when it began, for people. */
  readonly label: string
  readonly projectId: string
  readonly actor: string
  readonly requestId: string
  readonly status: FlowStatus
  /** True while status is running or undoing: the index that adoption looks at. */
  readonly open: boolean
  /** The flow's own typed state, JSON. */
  readonly state: unknown
  readonly steps: readonly StepRecord[]
  /** Who works on it; null when handed over. */
  readonly owner: ProcessIdentity | null
  /** Grows with every owner; hosts refuse lower ones. */
  readonly epoch: number
  /** Why it is being undone or blocked. */
  readonly fault: FaultRecord | null
  readonly createdAt: string
  readonly finishedAt: string | null
}
