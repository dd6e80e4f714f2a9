import type { Service } from '../../src/model/service.ts'

/** A conductor on another machine, heard of at `lastSeen`; it understands nothing newer than the least. */
export const aService = (overrides: Partial<Service> = {}): Service => ({
  id: 'c1',
  generation: 1,
  roles: ['conductor'],
  hosts: [],
  process: { pid: 1, startTime: '1', bootId: 'elsewhere' },
  version: '0.1.0',
  understands: { records: 0, messages: 1 },
  startedAt: '2026-01-01T00:00:00.000Z',
  lastSeen: '2026-01-01T00:00:00.000Z',
  reportSeconds: 10,
  enabled: true,
  disabledReason: null,
  forcedDown: false,
  ...overrides,
})
