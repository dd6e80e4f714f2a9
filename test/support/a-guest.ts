/** Builders of what the drivers are given. */
import type { GuestDisk, GuestImage, GuestNic, GuestSpec } from '../../src/drivers/driver.ts'

/** An image with a digest made of one character. */
export const aGuestImage = (changes: Partial<GuestImage> = {}): GuestImage => ({
  id: 'image-1',
  digest: 'a'.repeat(64),
  format: 'qcow2',
  size: 1024,
  virtualSize: 64 * 1024 ** 2,
  ...changes,
})

export const aDisk = (changes: Partial<GuestDisk> = {}): GuestDisk => ({
  role: 'root',
  image: null,
  bytes: 1024 ** 2,
  bus: 'virtio',
  ...changes,
})

export const aNic = (changes: Partial<GuestNic> = {}): GuestNic => ({
  kind: 'user',
  mac: 'fa:16:3e:00:00:01',
  sshPort: null,
  model: 'virtio',
  ...changes,
})

/** The smallest guest: one empty disk, nothing to boot, no network. */
export const aGuest = (changes: Partial<GuestSpec> = {}): GuestSpec => ({
  id: '11111111-2222-4333-8444-555555555555',
  name: 'web-1',
  vcpus: 1,
  ram: 64,
  machine: 'pc',
  virtType: 'qemu',
  cpuModel: null,
  disks: [aDisk()],
  nics: [],
  kernel: null,
  rng: false,
  ...changes,
})
