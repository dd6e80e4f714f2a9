import { defineFilter } from '../define-filter.ts'

/** AllHostsFilter: every host passes. */
export const allHostsFilter = defineFilter('AllHostsFilter', () => null)
