/** Memory of emulated guests is of a size that QEMU before 9.0 carries whole (docs/adr/0018). */
import { describe, expect, it } from 'vitest'
import { emulatedMemoryKib } from '../../../src/drivers/emulated-memory.ts'

describe('memory of an emulated guest', () => {
  it.each([64, 96, 127, 128, 1024, 3584, 65_536])('is %i MB and a little, and no multiple of 64 pages', (ram) => {
    const kib = emulatedMemoryKib(ram)
    expect(kib).toBeGreaterThan(ram * 1024)
    expect(kib).toBeLessThan((ram + 1) * 1024)
    expect(kib % (64 * 4)).not.toBe(0)
  })
})
