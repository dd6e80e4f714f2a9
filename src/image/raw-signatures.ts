/** What a plain disk image shows of itself: a partition table or the superblock of a file system. */
import type { Bytes } from './bytes.ts'

const sector = 512
/** What a tool may leave off the end of an image without harm. */
const slack = 1024 * 1024
const superblocks: readonly (readonly [offset: number, magic: string, name: string])[] = [
  [0, 'XFSB', 'xfs'],
  [0x10040, '_BHRfS_M', 'btrfs'],
  [4086, 'SWAPSPACE2', 'swap'],
  [4086, 'SWAP-SPACE', 'swap'],
  [512, 'LABELONE', 'lvm'],
  [0, 'LABELONE', 'lvm'],
  [3, 'NTFS    ', 'ntfs'],
  [3, 'EXFAT   ', 'exfat'],
  [54, 'FAT1', 'fat'],
  [82, 'FAT32', 'fat'],
  [0, 'hsqs', 'squashfs'],
  [0, '\x45\x3d\xcd\x28', 'cramfs'],
  [1024, '\xe2\xe1\xf5\xe0', 'erofs'],
  [1024, '\x10\x20\xf5\xf2', 'f2fs'],
  [4096, '\xfc\x4e\x2b\xa9', 'md raid'],
  [0x8000, 'JFS1', 'jfs'],
  [0x10034, 'ReIsEr', 'reiserfs'],
]

export interface RawSignature {
  readonly name: string
  /** True for what a hybrid ISO has as well. */
  readonly isPartitionTable: boolean
  /** Why it cannot be whole, if so. */
  readonly flaw?: string
}

/** Everything that a file of `size` bytes shows of a plain disk. */
export function rawSignatures(head: Bytes, size: number): RawSignature[] {
  const found: RawSignature[] = superblocks
    .filter(([offset, magic]) => head.has(offset, magic))
    .map(([, , name]) => ({ name, isPartitionTable: false }))
  if (isExt(head)) found.push({ name: 'ext', isPartitionTable: false })
  const gpt = gptSignature(head, size)
  const mbr = mbrSignature(head, size)
  return [...found, ...(gpt === undefined ? [] : [gpt]), ...(mbr === undefined ? [] : [mbr])]
}

/** Two bytes of magic are little: block size, counts and state must be possible too. */
const isExt = (head: Bytes) =>
  head.u16le(1080) === 0xef53 && head.u32le(1048) <= 6 && head.u32le(1024) > 0 && head.u32le(1028) > 0 && head.u16le(1082) <= 7

function gptSignature(head: Bytes, size: number): RawSignature | undefined {
  const block = [sector, 4096].find((bytes) => head.has(bytes, 'EFI PART'))
  if (block === undefined) return undefined
  const name = 'GPT'
  const entries = head.u32le(block + 80)
  const entryBytes = head.u32le(block + 84)
  const lastUsable = head.u64le(block + 48)
  const headerBytes = head.u32le(block + 12)
  const isImpossible = entries === 0 || entries > 1024 || entryBytes < 128 || entryBytes > 4096 || entryBytes % 128 !== 0
  if (isImpossible || headerBytes < 92 || headerBytes > block)
    return { name, isPartitionTable: true, flaw: 'its partition table is impossible' }
  if ((lastUsable + 1) * block > size + slack) return { name, isPartitionTable: true, flaw: cut((lastUsable + 1) * block, size) }
  return { name, isPartitionTable: true }
}

function mbrSignature(head: Bytes, size: number): RawSignature | undefined {
  if (head.u16le(510) !== 0xaa55) return undefined
  const partitions = [446, 462, 478, 494].map((at) => ({
    flag: head.u8(at),
    type: head.u8(at + 4),
    end: (head.u32le(at + 8) + head.u32le(at + 12)) * sector,
  }))
  if (partitions.some(({ flag }) => flag !== 0 && flag !== 0x80)) return undefined
  const end = Math.max(...partitions.map((partition) => (partition.type === 0xee || partition.type === 0 ? 0 : partition.end)))
  const flaw = end > size + slack ? { flaw: cut(end, size) } : {}
  return { name: 'MBR', isPartitionTable: true, ...flaw }
}

const cut = (end: number, size: number) => `it is cut short: its partitions end at byte ${end}, the file has ${size}`
