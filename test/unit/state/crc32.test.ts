import { crc32 as zlibCrc32 } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { crc32, hex32, loadNativeCrc32 } from '../../../src/state/json/crc32.ts'
import { fc } from '../../support/property.ts'

describe('crc32', () => {
  it('has the check value of the standard', () => {
    expect(hex32(crc32(Buffer.from('123456789')))).toBe('cbf43926')
  })

  it('agrees with zlib on any part of any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), fc.nat(20), (bytes, start) => {
        expect(crc32(bytes, Math.min(start, bytes.length))).toBe(zlibCrc32(bytes.subarray(start)))
      }),
    )
  })

  it('is the same by its own code and by that of node, from any start and with any seed', async () => {
    const bytes = Buffer.from('novakit keeps its records in lines with checksums')
    const cases = [0, 1, 7, 8, 20].flatMap((start) => [0, 1, 77, 2 ** 31].map((seed) => [start, seed] as const))
    const all = () => cases.map(([start, seed]) => crc32(bytes, start, bytes.length - 1, seed))
    const own = all()
    await loadNativeCrc32()
    expect(all()).toEqual(own)
  })
})
