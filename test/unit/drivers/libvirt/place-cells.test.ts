import { describe, expect, it } from 'vitest'
import { pinCpus, placeCells } from '../../../../src/drivers/libvirt/place-cells.ts'

const cell = (id: number, cpus: number[], memoryMb = 8192) => ({ id, cpus, memoryMb, pageSizesKb: [4] })
const host = [cell(0, [0, 1, 2, 3]), cell(1, [4, 5, 6, 7])]
const guest = (cpus: number[], memoryMb = 1024) => ({ cpus, memoryMb })

describe('placeCells', () => {
  it('gives each guest cell a host cell of its own', () => {
    expect(placeCells([guest([0, 1]), guest([2, 3])], host)).toEqual([0, 1])
  })

  it('says with numbers what is missing', () => {
    expect(() => placeCells([guest([0]), guest([1], 9000)], host)).toThrow(
      'guest cell 1 needs 1 CPUs and 9000 MB of one host cell; the host has cell 0: 4 CPUs, 8192 MB; cell 1: 4 CPUs, 8192 MB',
    )
  })
})

describe('pinCpus', () => {
  it('takes free CPUs of one cell for a guest without cells', () => {
    expect(pinCpus(3, [], host, new Set([0, 1]))).toEqual({ pins: [4, 5, 6], hostCells: [] })
  })

  it('takes CPUs of the cell in which the memory is', () => {
    const cells = [guest([0, 3]), guest([1, 2])]
    expect(pinCpus(4, cells, host, new Set([0]))).toEqual({ pins: [1, 4, 5, 2], hostCells: [0, 1] })
  })

  it('never gives one CPU twice', () => {
    const taken = new Set<number>()
    for (let count = 0; count < 4; count += 1) {
      for (const cpu of pinCpus(2, [], host, taken).pins) {
        expect(taken.has(cpu)).toBe(false)
        taken.add(cpu)
      }
    }
    expect(() => pinCpus(1, [], host, taken)).toThrow(/needs 1 CPUs/)
  })
})
