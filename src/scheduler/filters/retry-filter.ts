import { defineFilter } from '../define-filter.ts'

/** RetryFilter: refuses hosts on which this very request failed before. */
export const retryFilter = defineFilter('RetryFilter', ({ triedHosts }) => {
  if (triedHosts.length === 0) return null
  const tried = new Set(triedHosts)
  return ({ name }) =>
    !tried.has(name) || { reason: `this request already failed here (attempt ${triedHosts.indexOf(name) + 1})` }
})
