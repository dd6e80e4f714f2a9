/** The first runs of the matrix of faults that need time or real hosts. */
import { describe, it } from 'vitest'
import { rigObstacle } from '../support/rig/rig-obstacle.ts'
import { holds } from '../torture/holds.ts'

const obstacle = rigObstacle('libvirt')
const suite = `the matrix of faults${obstacle === undefined ? '' : ` (skipped: ${obstacle})`}`

describe.skipIf(obstacle !== undefined)(suite, () => {
  it.each([
    ['R2', 80],
    ['R3', 15],
    ['R4', 2000],
    ['R7', 22],
    ['R8', 16],
    ['R9', 7],
    ['R10', 4],
    ['R11', 12],
    ['R12', 2],
    ['R13', 6],
    ['R14', 6],
    ['R19', 150],
    ['R21', 3],
    ['R24', 5],
    ['R27', 1],
  ])('%s, %i times', (id, runs) => holds(id, { runs }))

  it('R15, 2 times over RabbitMQ', () => holds('R15', { runs: 2, only: 'RabbitMQ' }))

  it('R16, once at one broker', () => holds('R16', { runs: 1, only: 'the broker' }))

  it('R18, once at broker and database', () => holds('R18', { runs: 1, only: 'controllers lose broker and database', seed: 17 }))

  it('R20, 6 times', () => holds('R20', { runs: 6, seed: 900 }))
})
