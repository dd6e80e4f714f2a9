import type { Image } from '../../src/model/image.ts'

/** A private active qcow2 image of project p1: 1 MiB in the file, 1 GiB for the guest. */
export const anImage = (overrides: Partial<Image> = {}): Image => ({
  id: 'i1',
  generation: 1,
  projectId: 'p1',
  name: 'cirros',
  status: 'active',
  visibility: 'private',
  format: 'qcow2',
  size: 1024 ** 2,
  virtualSize: 1024 ** 3,
  checksum: 'a'.repeat(64),
  minRam: 0,
  minDisk: 0,
  kernelId: null,
  ramdiskId: null,
  properties: [],
  protected: false,
  deleted: false,
  createdAt: '2026-01-01T00:00:00.000Z',
  updatedAt: '2026-01-01T00:00:00.000Z',
  ...overrides,
})
