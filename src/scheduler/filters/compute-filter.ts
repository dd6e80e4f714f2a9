import { defineFilter } from '../define-filter.ts'

/** ComputeFilter: the host is enabled, has reported what it has, and was heard of within `downAfterMs`. */
export const computeFilter = defineFilter('ComputeFilter', (_, { settings }) => ({ name, record, silentMs }) => {
  if (!record.enabled) {
    const why = record.disabledReason ? `: ${record.disabledReason}` : ''
    return { reason: `is disabled${why}`, repair: `enable host ${name}` }
  }
  if (silentMs === null || silentMs <= settings.downAfterMs) return true
  return { reason: `down for ${durationOf(silentMs)}`, repair: `bring host ${name} back` }
})

/** Two units at most: `4 min 12 s`. */
function durationOf(milliseconds: number): string {
  const seconds = Math.floor(milliseconds / 1000)
  const minutes = Math.floor(seconds / 60)
  const hours = Math.floor(minutes / 60)
  if (minutes === 0) return `${seconds} s`
  if (hours === 0) return `${minutes} min ${seconds % 60} s`
  if (hours < 24) return `${hours} h ${minutes % 60} min`
  return `${Math.floor(hours / 24)} d ${hours % 24} h`
}
