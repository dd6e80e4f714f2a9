/** Small images made by hand: whole ones, to be broken one field at a time. */

const cluster = 65_536
const magic = Buffer.from('QFI\xfb', 'latin1')

/** One header extension of a qcow2 file. */
export interface Extension {
  readonly type: number
  readonly data: string
}

/** A sound qcow2 file: header, refcount table, one refcount block and an L1 table, a cluster each. */
export function aQcow2({ version = 3, extensions = [] as readonly Extension[] } = {}): Buffer {
  const bytes = Buffer.alloc(4 * cluster)
  magic.copy(bytes)
  bytes.writeUInt32BE(version, 4)
  bytes.writeUInt32BE(16, 20)
  bytes.writeBigUInt64BE(1024n * 1024n, 24)
  bytes.writeUInt32BE(1, 36)
  bytes.writeBigUInt64BE(BigInt(3 * cluster), 40)
  bytes.writeBigUInt64BE(BigInt(cluster), 48)
  bytes.writeUInt32BE(1, 56)
  if (version >= 3) {
    bytes.writeUInt32BE(4, 96)
    bytes.writeUInt32BE(104, 100)
  }
  bytes.writeBigUInt64BE(BigInt(2 * cluster), cluster)
  for (let block = 0; block < 4; block += 1) bytes.writeUInt16BE(1, 2 * cluster + 2 * block)
  let at = version === 2 ? 72 : 104
  for (const { type, data } of extensions) {
    bytes.writeUInt32BE(type, at)
    bytes.writeUInt32BE(data.length, at + 4)
    bytes.write(data, at + 8, 'latin1')
    at += 8 + Math.ceil(data.length / 8) * 8
  }
  return bytes
}

/** A disk with one partition that ends at its last byte. */
export function anMbrDisk(size = 1024 * 1024): Buffer {
  const bytes = Buffer.alloc(size)
  bytes[446] = 0x80
  bytes[450] = 0x83
  bytes.writeUInt32LE(8, 454)
  bytes.writeUInt32LE(size / 512 - 8, 458)
  bytes.writeUInt16LE(0xaa55, 510)
  return bytes
}

/** A disk with an empty GUID partition table. */
export function aGptDisk(size = 1024 * 1024): Buffer {
  const bytes = anMbrDisk(size)
  bytes[446] = 0
  bytes[450] = 0xee
  bytes.writeUInt32LE(0xffffffff, 458)
  bytes.write('EFI PART', 512)
  bytes.writeUInt32LE(92, 524)
  bytes.writeBigUInt64LE(BigInt(size / 512 - 34), 560)
  bytes.writeUInt32LE(128, 592)
  bytes.writeUInt32LE(128, 596)
  return bytes
}

/** An ISO volume descriptor and nothing else. */
export function anIso(blocks = 32): Buffer {
  const bytes = Buffer.alloc(Math.max(blocks, 20) * 2048)
  bytes[0x8000] = 1
  bytes.write('CD001\x01', 0x8001)
  bytes.writeUInt32LE(blocks, 0x8000 + 80)
  bytes.writeUInt32BE(blocks, 0x8000 + 84)
  bytes.writeUInt16LE(2048, 0x8000 + 128)
  return bytes
}

/** The superblock of an ext file system and nothing else. */
export function anExtDisk(): Buffer {
  const bytes = Buffer.alloc(1024 * 1024)
  bytes.writeUInt32LE(128, 1024)
  bytes.writeUInt32LE(1024, 1028)
  bytes.writeUInt16LE(0xef53, 1080)
  bytes.writeUInt16LE(1, 1082)
  return bytes
}

/** What a bzImage shows of itself. */
export function aKernel(): Buffer {
  const bytes = Buffer.alloc(100_000, 0x90)
  bytes.write('MZ', 0)
  bytes.writeUInt16LE(0xaa55, 0x1fe)
  bytes.write('HdrS', 0x202)
  return bytes
}

/** `size` bytes that begin with `text` (Latin-1). */
export function startingWith(text: string, size = 100_000): Buffer {
  const bytes = Buffer.alloc(size)
  bytes.write(text, 0, 'latin1')
  return bytes
}
