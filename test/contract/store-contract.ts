/** What every store must do. Run over memory, drafts and JSON; authors of other stores run it too. */
import { describe } from 'vitest'
import type { Store } from '../../src/state/store.ts'
import { historyContract } from './store-history-contract.ts'
import { isolationContract } from './store-isolation-contract.ts'
import { listContract } from './store-list-contract.ts'
import { writeContract } from './store-write-contract.ts'

export interface StoreUnderTest {
  readonly store: Store
  /** Sets the wall clock to a time, in milliseconds since the epoch. */
  setTime(ms: number): void
  readonly close: () => Promise<void>
}

export interface StoreFeatures {
  /** Drafts have no times and no past of their own. */
  readonly hasMoments: boolean
}

export function storeContract(name: string, open: () => Promise<StoreUnderTest>, features: StoreFeatures): void {
  describe(`${name}: store contract`, () => {
    writeContract(open)
    listContract(open)
    isolationContract(open)
    historyContract(open, features)
  })
}
