import type { ProgressSink } from './ports.ts'

export type Role = 'reader' | 'member' | 'admin'

/** Who calls, for what, and until when. */
export interface Call {
  readonly userId: string
  readonly projectId: string
  readonly roles: readonly Role[]
  /** `req-…`, one for each call. */
  readonly requestId: string
  readonly signal: AbortSignal
  readonly progress: ProgressSink
  /** True when nothing may change: steps and commands are only written down. */
  readonly plan: boolean
}
