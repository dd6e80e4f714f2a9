/** A periodic task as callers see it. */
import { fromIso, iso } from '../../core/time.ts'
import type { PeriodicRecord, PeriodicView } from '../../model/periodic.ts'
import type { Settings } from '../../settings.ts'
import type { PeriodicTask } from './tasks.ts'

/** `record` is undefined for a task that never ran. */
export function viewOfTask(task: PeriodicTask, record: PeriodicRecord | undefined, settings: Settings): PeriodicView {
  const interval = settings.periodicEnable ? task.every(settings) : 0
  const next = record && interval > 0 ? iso(fromIso(record.lastRunAt) + interval * 1000) : null
  return {
    name: task.name,
    summary: task.summary,
    action: task.action,
    interval,
    lastRunAt: record?.lastRunAt ?? null,
    durationMs: record?.durationMs ?? null,
    result: record?.result ?? null,
    message: record?.message ?? null,
    actor: record?.actor ?? null,
    runs: record?.runs ?? 0,
    failures: record?.failures ?? 0,
    nextRunAt: next,
  }
}
