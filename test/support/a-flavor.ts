import type { Flavor } from '../../src/model/flavor.ts'

/** A valid public flavor: 512 MiB, 1 vCPU, 1 GiB. */
export const aFlavor = (overrides: Partial<Flavor> = {}): Flavor => ({
  id: 'f1',
  generation: 1,
  name: 'm1.tiny',
  ram: 512,
  vcpus: 1,
  disk: 1,
  ephemeral: 0,
  swap: 0,
  extraSpecs: [],
  isPublic: true,
  description: null,
  createdAt: '2026-01-01T00:00:00.000Z',
  ...overrides,
})
