import { memoryArchive } from '../../src/state/archive-memory.ts'
import { archiveContract } from './archive-contract.ts'

archiveContract('memory', async () => {
  const archive = memoryArchive()
  return { archive, other: archive, close: async () => undefined }
})
