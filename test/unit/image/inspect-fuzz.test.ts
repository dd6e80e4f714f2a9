import { describe, expect, it } from 'vitest'
import { Fault } from '../../../src/core/fault.ts'
import { inspectImage } from '../../../src/image/inspect.ts'
import { aGptDisk, aKernel, anExtDisk, anIso, anMbrDisk, aQcow2, startingWith } from '../../support/disk-images.ts'
import { hostileImages } from '../../support/hostile-images.ts'
import { fc } from '../../support/property.ts'

const seeds = [aQcow2(), aQcow2({ version: 2 }), anMbrDisk(), aGptDisk(), anIso(), anExtDisk(), aKernel(), startingWith('KDMV')]
const bases = [...seeds, ...hostileImages.map(({ bytes }) => bytes)].map((bytes) => bytes.subarray(0, 300_000))
/** Where headers are. */
const place = fc.oneof(fc.nat(127), fc.nat(2048), fc.integer({ min: 0x8000, max: 0x8800 }), fc.nat(299_999))
const value = fc.oneof(fc.nat(255), fc.constantFrom(0, 1, 0x7f, 0x80, 0xff))
const mutation = fc.record({ at: place, value, run: fc.integer({ min: 1, max: 8 }) })
const image = fc.record({
  base: fc.nat(bases.length - 1),
  mutations: fc.array(mutation, { maxLength: 12 }),
  cut: fc.option(fc.nat(300_000), { freq: 4 }),
})

describe('inspectImage on mutated headers', () => {
  it('answers or faults, quickly, and never takes a file that reads another', () => {
    let slowest = 0
    let taken = 0
    fc.assert(
      fc.property(image, ({ base, mutations, cut }) => {
        const bytes = Buffer.from(bases[base] ?? Buffer.alloc(0))
        for (const { at, value: byte, run } of mutations) bytes.subarray(at, at + run).fill(byte)
        const file = cut === null ? bytes : bytes.subarray(0, cut)
        const start = process.cpuUsage()
        try {
          const facts = inspectImage(file, file.length)
          taken += 1
          expect(facts.virtualSize).toBeGreaterThan(0)
          if (facts.format === 'qcow2') expect(file.readBigUInt64BE(8)).toBe(0n)
        } catch (error) {
          expect(error).toBeInstanceOf(Fault)
        }
        slowest = Math.max(slowest, process.cpuUsage(start).user / 1000)
      }),
      { numRuns: 4000 },
    )
    expect(slowest).toBeLessThan(2000)
    expect(taken).toBeGreaterThan(100)
  })
})
