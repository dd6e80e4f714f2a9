/** Domains of somebody else's on a fake host. */
import type { FakeDomain } from '../../src/drivers/fake/foreign.ts'
import type { Host } from '../../src/hosts/host.ts'

/** A running domain `old-db` of 2 vCPUs, 3000 MB and 10 GB, as no flavor has. */
export const aDomain = (change: Partial<FakeDomain> = {}): FakeDomain => ({
  id: '0d0d0d0d-1111-4222-8333-444455556666',
  name: 'old-db',
  powerState: 'running',
  vcpus: 2,
  ram: 3000,
  disk: 10,
  mac: '52:54:00:aa:bb:01',
  ...change,
})

/** Puts domains on a fake host. */
export async function foreignOn(host: Host | undefined, ...domains: readonly FakeDomain[]): Promise<void> {
  await host?.writeFile('/instances/foreign.json', JSON.stringify(domains))
}
