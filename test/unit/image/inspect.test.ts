import { describe, expect, it } from 'vitest'
import { inspectImage } from '../../../src/image/inspect.ts'
import { aGptDisk, aKernel, anExtDisk, anIso, anMbrDisk, aQcow2, startingWith } from '../../support/disk-images.ts'
import { hostileImages } from '../../support/hostile-images.ts'

const inspect = (bytes: Uint8Array, declared?: 'raw' | 'qcow2' | 'iso' | 'kernel' | 'ramdisk') =>
  inspectImage(bytes, bytes.length, { declared })
const refused = (work: () => unknown) => {
  try {
    return work()
  } catch (error) {
    return error
  }
}

describe('inspectImage', () => {
  it.each(hostileImages)('S1 refuses $name', ({ bytes, isHarmlessRaw }) => {
    expect(refused(() => inspect(bytes))).toMatchObject({ name: 'Fault', kind: 'invalid' })
    for (const declared of ['qcow2', 'iso', 'kernel', 'ramdisk'] as const) {
      expect(refused(() => inspect(bytes, declared))).toMatchObject({ kind: 'invalid' })
    }
    if (isHarmlessRaw) expect(inspect(bytes, 'raw')).toMatchObject({ format: 'raw', virtualSize: bytes.length })
    else expect(refused(() => inspect(bytes, 'raw'))).toMatchObject({ kind: 'invalid' })
  })

  it('knows many ways to be hostile', () => {
    expect(hostileImages.length).toBeGreaterThan(80)
    expect(new Set(hostileImages.map(({ name }) => name)).size).toBe(hostileImages.length)
  })

  it.each([
    ['a qcow2 of version 3', aQcow2(), 'qcow2', 1024 * 1024],
    ['a qcow2 of version 2', aQcow2({ version: 2 }), 'qcow2', 1024 * 1024],
    ['a qcow2 with a feature table', aQcow2({ extensions: [{ type: 0x6803f857, data: '\0\0dirty bit' }] }), 'qcow2', 1024 * 1024],
    ['a disk with an MBR', anMbrDisk(), 'raw', 1024 * 1024],
    ['a disk with a GPT', aGptDisk(), 'raw', 1024 * 1024],
    ['a file system', anExtDisk(), 'raw', 1024 * 1024],
    ['an ISO', anIso(), 'iso', 65_536],
    ['a hybrid ISO', Buffer.concat([anMbrDisk(65_536).subarray(0, 512), anIso().subarray(512)]), 'iso', 65_536],
    ['a kernel', aKernel(), 'kernel', 100_000],
    ['a gzip ramdisk', startingWith('\x1f\x8b\x08'), 'ramdisk', 100_000],
    ['a cpio ramdisk', startingWith('070701'), 'ramdisk', 100_000],
    ['a zstd ramdisk', startingWith('\x28\xb5\x2f\xfd'), 'ramdisk', 100_000],
  ])('takes %s', (_, bytes, format, virtualSize) => {
    expect(inspect(bytes)).toMatchObject({ format, virtualSize })
    expect(inspect(bytes, inspect(bytes).format)).toMatchObject({ format, virtualSize })
  })

  it('takes the user at his word only where that is safe', () => {
    expect(inspect(anIso(), 'raw')).toMatchObject({ format: 'raw' })
    expect(inspect(startingWith('\x1f\x8b\x08'), 'kernel')).toMatchObject({ format: 'kernel' })
    expect(refused(() => inspect(anMbrDisk(), 'qcow2'))).toMatchObject({ message: expect.stringContaining('declared as qcow2') })
    expect(refused(() => inspect(aQcow2(), 'raw'))).toMatchObject({ message: expect.stringContaining('its content is qcow2') })
  })

  it('says what to do with a foreign format and with unknown bytes', () => {
    expect(refused(() => inspect(startingWith('KDMV')))).toMatchObject({
      message: expect.stringContaining('VMDK'),
      hint: expect.stringContaining('qemu-img convert'),
    })
    expect(refused(() => inspect(Buffer.alloc(9)))).toMatchObject({ hint: expect.stringContaining('--disk-format raw') })
    expect(refused(() => inspect(Buffer.from('<html>')))).toMatchObject({ message: expect.stringContaining('HTML page') })
    expect(refused(() => inspect(Buffer.alloc(0)))).toMatchObject({ message: expect.stringContaining('empty') })
  })
})
