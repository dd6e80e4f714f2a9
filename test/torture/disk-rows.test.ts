/** Rows of the matrix about disks and bytes, each a few times; `npm run torture` runs them to the end. */
import { describe, it } from 'vitest'
import { smallDisk } from '../support/small-disk.ts'
import { holds } from './holds.ts'

it('R4: torn and rotten bytes are cut off or refused by their place', () => holds('R4'))

describe.skipIf(!smallDisk.isPossible)('a bad disk (needs root to mount a tmpfs)', () => {
  it('R7: a full disk refuses, loses nothing, and goes on when there is room', () => holds('R7'))
  it('R8: a failed fsync is not acknowledged, and not tried again', () => holds('R8'))
  it('R9: a slow disk and scarce descriptors are borne or told', () => holds('R9'))
})
