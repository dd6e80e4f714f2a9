/** The last whole period by UTC, as Nova audits it. */
export type AuditPeriod = 'hour' | 'day' | 'month' | 'year'

/** Wall milliseconds of the period that ended last before `now`. */
export function auditPeriod(period: AuditPeriod, now: number): { readonly beginning: number; readonly ending: number } {
  const at = new Date(now)
  const parts = [at.getUTCFullYear(), at.getUTCMonth(), at.getUTCDate(), at.getUTCHours()] as const
  const [year, month, day, hour] = parts
  if (period === 'hour') return { beginning: Date.UTC(year, month, day, hour - 1), ending: Date.UTC(year, month, day, hour) }
  if (period === 'day') return { beginning: Date.UTC(year, month, day - 1), ending: Date.UTC(year, month, day) }
  if (period === 'month') return { beginning: Date.UTC(year, month - 1), ending: Date.UTC(year, month) }
  return { beginning: Date.UTC(year - 1, 0), ending: Date.UTC(year, 0) }
}
