import type { Upkeep } from '../../src/state/upkeep.ts'

/** The upkeep of records that need none; override what the test is about. */
export const anUpkeep = (overrides: Partial<Upkeep> = {}): Upkeep => ({
  records: 1,
  facts: async () => ({ place: 'memory', schema: 1, known: 1, pending: [] }),
  prepare: async () => {},
  sync: async () => {},
  olderRecords: async () => 0,
  renew: async () => 0,
  verify: async () => ({ problems: [], survives: [], snapshotRevision: 0, tornBytes: 0, segments: 0 }),
  ...overrides,
})
