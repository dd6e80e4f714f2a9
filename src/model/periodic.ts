/** What is kept of a periodic task: its last run. */
import { z } from '../core/schema.ts'

export const periodicRecord = z.object({
  /** Nova's name of the task, without its underscore. */
  id: z.string(),
  generation: z.int(),
  lastRunAt: z.string(),
  durationMs: z.number(),
  /** `ok`, or the kind of fault that ended it. */
  result: z.string(),
  /** What it found or did, or what the fault said. */
  message: z.string().nullable(),
  /** Who ran it; `nova` is the daemon. */
  actor: z.string(),
  runs: z.int(),
  /** How many runs failed since the last good one. */
  failures: z.int(),
})
export type PeriodicRecord = z.infer<typeof periodicRecord>

/** A task as callers see it. */
export const periodicView = z.object({
  name: z.string(),
  summary: z.string(),
  action: z.string().describe('the action that it runs'),
  /** Seconds; 0 is off. */
  interval: z.int(),
  lastRunAt: z.string().nullable(),
  durationMs: z.number().nullable(),
  result: z.string().nullable(),
  message: z.string().nullable(),
  actor: z.string().nullable(),
  runs: z.int(),
  failures: z.int(),
  nextRunAt: z.string().nullable().describe('when a daemon runs it next, about; null when it is off'),
})
export type PeriodicView = z.infer<typeof periodicView>
