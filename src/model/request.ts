import type { FaultRecord } from '../core/fault.ts'
import type { Decision } from '../scheduler/types.ts'

/** A boot request, with what the scheduler saw: it answers `nova explain` later. */
export interface RequestRecord {
  /** `req-…` */
  readonly id: string
  readonly generation: number
  readonly projectId: string
  readonly userId: string
  readonly action: string
  /** The name asked for, so that a refused boot is found by it. */
  readonly serverName: string
  readonly serverIds: readonly string[]
  /** project + '/' + the caller's key, or null. Unique. */
  readonly idempotencyKey: string | null
  /** Hash of the input, to refuse one key for two different requests. */
  readonly inputHash: string | null
  /** One decision for each server placed or refused. */
  readonly decisions: readonly Decision[]
  readonly fault: FaultRecord | null
  readonly createdAt: string
}
