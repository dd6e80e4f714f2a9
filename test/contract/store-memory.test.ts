import { draftOf } from '../../src/state/draft.ts'
import { MemoryStore } from '../../src/state/memory.ts'
import { storeContract } from './store-contract.ts'
import { watchContract } from './store-watch-contract.ts'
import { undoContract } from './undo-contract.ts'

function aMemoryStore() {
  let now = 0
  const store = new MemoryStore({ wall: () => now })
  const setTime = (ms: number) => {
    now = ms
  }
  return { store, setTime, close: () => store.close() }
}

storeContract('memory', async () => aMemoryStore(), { hasMoments: true })
watchContract('memory', async () => aMemoryStore())
undoContract('memory', async () => aMemoryStore(), { numRuns: 25, maxLength: 25 })
storeContract(
  'draft over memory',
  async () => {
    const under = aMemoryStore()
    return { ...under, store: draftOf(under.store) }
  },
  { hasMoments: false },
)
storeContract('draft over a draft', async () => ({ ...aMemoryStore(), store: draftOf(draftOf(aMemoryStore().store)) }), {
  hasMoments: false,
})
