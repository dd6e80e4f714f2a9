/** Records for the contract of stores, and a wrapper that opens and closes the store of one test. */
import type { Flavor } from '../../src/model/flavor.ts'
import type { Keypair } from '../../src/model/keypair.ts'
import type { StoreUnderTest } from './store-contract.ts'

export const author = { actor: 'alice', request: 'req-1', action: 'keypair.create' }

export const aKeypair = (id: string, over: Partial<Omit<Keypair, 'generation'>> = {}): Omit<Keypair, 'generation'> => ({
  ...{ id, userId: 'u', name: id, type: 'ssh', publicKey: 'k', fingerprint: '', sha256: '', createdAt: '' },
  ...over,
})

export const aFlavor = (id: string, name: string): Omit<Flavor, 'generation'> => ({
  ...{ id, name, ram: 512, vcpus: 1, disk: 1, ephemeral: 0, swap: 0, extraSpecs: [], isPublic: true },
  ...{ description: null, createdAt: '' },
})

export const withStore =
  (open: () => Promise<StoreUnderTest>) => (test: (under: StoreUnderTest) => Promise<void>) => async () => {
    const under = await open()
    try {
      await test(under)
    } finally {
      await under.close()
    }
  }
