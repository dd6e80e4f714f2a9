import { crc32 as zlibCrc32 } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { crc32, hex32 } from '../../../src/state/json/crc32.ts'

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
})
