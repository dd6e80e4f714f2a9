/** Formats that a guest boots without a disk of its own: kernels, ramdisks and ISO images. */
import type { Bytes } from './bytes.ts'

/** ELF machines that QEMU boots kernels of: x86, Arm, PowerPC, s390, RISC-V. */
const kernelMachines = new Set([3, 20, 21, 22, 40, 62, 183, 243])
const ramdisks: readonly (readonly [magic: string, name: string])[] = [
  ['070701', 'cpio'],
  ['070702', 'cpio'],
  ['\x1f\x8b\x08', 'gzip'],
  ['\xfd7zXZ\0', 'xz'],
  ['\x28\xb5\x2f\xfd', 'zstd'],
  ['\x04\x22\x4d\x18', 'lz4'],
  ['\x02\x21\x4c\x18', 'lz4'],
]
const isoBlock = 2048
const isoStart = 16 * isoBlock
const slack = 1024 * 1024

/** What kind of kernel it is, or undefined. */
export function kernelKind(head: Bytes): string | undefined {
  if (head.has(0x202, 'HdrS') && head.u16le(0x1fe) === 0xaa55) return 'bzImage'
  if (head.has(0x38, 'ARM\x64')) return 'arm64 Image'
  const isElf = head.has(0, '\x7fELF') && head.u8(5) === 1
  const isProgram = head.u16le(16) === 2 || head.u16le(16) === 3
  return isElf && isProgram && kernelMachines.has(head.u16le(18)) ? 'vmlinux' : undefined
}

/** How a ramdisk is packed, or undefined. */
export const ramdiskKind = (head: Bytes) => ramdisks.find(([magic]) => head.has(0, magic))?.[1]

export const isIso = (head: Bytes) => head.has(isoStart + 1, 'CD001') || head.has(isoStart + 1, 'BEA01')

/** Why an ISO of `size` bytes is refused, or undefined. */
export function isoFlaw(head: Bytes, size: number): string | undefined {
  if (head.has(isoStart + 1, 'BEA01')) return undefined
  const type = head.u8(isoStart)
  const blocks = head.u32le(isoStart + 80)
  const block = head.u16le(isoStart + 128)
  if (type > 3 || size < isoStart + isoBlock) return 'its volume descriptor is impossible'
  if (type !== 1) return undefined
  if (blocks !== head.u32be(isoStart + 84) || ![512, 1024, 2048].includes(block)) return 'its volume descriptor is impossible'
  return blocks * block > size + slack ? `it is cut short: its volume has ${blocks * block} bytes, the file ${size}` : undefined
}
