/** Rows of the matrix about processes that die, stand still or come in crowds, each a few times; `npm run torture` runs them to the end. */
import { describe, it } from 'vitest'
import { rigObstacle } from '../support/rig/rig-obstacle.ts'
import { holds } from './holds.ts'

const obstacle = rigObstacle()

it('R2: kill -9 at a system call: the next command finishes or takes back', () => holds('R2'))
it('R2b: kill -9 of an archive, a restore, a purge: a server is in one place', () => holds('R2b'))
it('R2c: kill -9 of a purge of the history: every later moment stays', () => holds('R2c'))
it('R10: the clock of a daemon jumps: tokens, operations and periodic tasks stay in time', () => holds('R10', { runs: 1 }))
it('R3: kill -9 of those that recover, three deep', () => holds('R3'))

it.each(['R13', 'R14'])('%s: what clients of the records see has one order, also when one of them is killed', async (id) => {
  await holds(id, { runs: 1, only: 'memory' })
  await holds(id, { runs: 1, only: 'json, a process' })
})
it('R24: hostile calls at the doors break nothing and show nothing', () => holds('R24', { runs: 2, only: 'calls' }))

describe.skipIf(obstacle !== undefined)(`with namespaces${obstacle === undefined ? '' : ` (skipped: ${obstacle})`}`, () => {
  it('R11: an owner that was replaced wakes up and changes nothing', () => holds('R11'))
  it('R19: an ssh conversation that is cut ends by kind, in time', () => holds('R19'))
})
