/**
 * The header of a qcow2 file, checked before any tool opens it. Refused is everything that reads another file (backing file,
 * external data file), hides something (encryption) or makes a reader work for ever (absurd or overlapping tables).
 */
import type { Bytes } from './bytes.ts'

const magic = 'QFI\xfb'
const feature = { dirty: 1, corrupt: 2, dataFile: 4, compression: 8, extendedL2: 16 } as const
const knownFeatures = 31
const extension = { end: 0, encryption: 0x0537be77, dataFile: 0x44415441 } as const
const mib = 1024 * 1024
const maxL1Bytes = 32 * mib
const maxRefcountTableBytes = 8 * mib
const maxSnapshots = 256
const offsetMask = 0x00fffffffffffe00n

/** True for qcow of any version. */
export const isQcow = (head: Bytes) => head.has(0, magic)

export interface Qcow2Header {
  readonly version: number
  readonly clusterSize: number
  readonly virtualSize: number
}

interface Table {
  readonly name: string
  readonly offset: number
  readonly bytes: number
}

/** The header of a file of `size` bytes; a string says why it is refused. */
export function qcow2Header(head: Bytes, size: number, maxVirtualSize: number): Qcow2Header | string {
  const version = head.u32be(4)
  if (version !== 2 && version !== 3) return `qcow version ${version} is not supported, only 2 and 3`
  if (size < (version === 2 ? 72 : 104)) return `its qcow2 header is cut short: the file has ${size} bytes`
  const clusterBits = head.u32be(20)
  if (clusterBits < 9 || clusterBits > 21) return `its cluster size of 2^${clusterBits} bytes is impossible`
  const clusterSize = 2 ** clusterBits
  const virtualSize = head.u64be(24)
  if (virtualSize === 0) return 'it describes a disk of 0 bytes'
  if (virtualSize > maxVirtualSize) return `it claims a disk of ${virtualSize} bytes; the most is ${maxVirtualSize}`
  const header = { version, clusterSize, virtualSize }
  return otherFiles(head) ?? features(head, header) ?? extensions(head, header) ?? tables(head, size, header) ?? header
}

function otherFiles(head: Bytes): string | undefined {
  if (head.u64be(8) !== 0 || head.u32be(16) !== 0) return 'it names a backing file, which would be read on the host'
  const method = head.u32be(32)
  return method === 0 ? undefined : `it is encrypted (method ${method})`
}

function features(head: Bytes, { version, clusterSize }: Qcow2Header): string | undefined {
  if (version === 2) return undefined
  const incompatible = head.u32be(76)
  if (head.u32be(72) !== 0 || incompatible > knownFeatures) return 'it needs features that are not known'
  if ((incompatible & feature.dataFile) !== 0) return 'it keeps its data in another file, which would be read on the host'
  if ((incompatible & feature.corrupt) !== 0) return 'it is marked as corrupt'
  if ((incompatible & feature.dirty) !== 0) return 'it was not closed cleanly (repair it with qemu-img check -r all)'
  if ((head.u32be(92) & 2) !== 0) return 'it says that its data are in another file'
  const headerLength = head.u32be(100)
  if (headerLength < 104 || headerLength > clusterSize || headerLength % 8 !== 0)
    return `its header length of ${headerLength} is impossible`
  if (head.u32be(96) > 6) return `its refcount width of 2^${head.u32be(96)} bits is impossible`
  return compression(head, incompatible, headerLength) ?? extendedL2(incompatible, clusterSize)
}

function compression(head: Bytes, incompatible: number, headerLength: number): string | undefined {
  const type = headerLength > 104 ? head.u8(104) : 0
  const isMarked = (incompatible & feature.compression) !== 0
  return type > 1 || isMarked !== (type !== 0) ? `its compression type ${type} is not known or not marked` : undefined
}

const extendedL2 = (incompatible: number, clusterSize: number) =>
  (incompatible & feature.extendedL2) !== 0 && clusterSize < 16_384 ? 'its clusters are too small for subclusters' : undefined

function extensions(head: Bytes, { version, clusterSize }: Qcow2Header): string | undefined {
  let at = version === 2 ? 72 : head.u32be(100)
  while (at + 8 <= Math.min(clusterSize, head.length)) {
    const type = head.u32be(at)
    const length = head.u32be(at + 4)
    if (length > clusterSize - at - 8) return 'a header extension is longer than its cluster'
    if (type === extension.end) return undefined
    if (type === extension.dataFile) return 'it names an external data file, which would be read on the host'
    if (type === extension.encryption) return 'it is encrypted (LUKS)'
    at += 8 + Math.ceil(length / 8) * 8
  }
  return undefined
}

function tables(head: Bytes, size: number, header: Qcow2Header): string | undefined {
  const { clusterSize, virtualSize, version } = header
  const entryBytes = version === 3 && (head.u32be(76) & feature.extendedL2) !== 0 ? 16 : 8
  const l1Needed = Math.ceil(virtualSize / (clusterSize * (clusterSize / entryBytes)))
  const l1: Table = { name: 'L1 table', offset: head.u64be(40), bytes: head.u32be(36) * 8 }
  const refcounts: Table = { name: 'refcount table', offset: head.u64be(48), bytes: head.u32be(56) * clusterSize }
  const snapshots = head.u32be(60)
  if (l1.bytes > maxL1Bytes || l1.bytes < l1Needed * 8)
    return `its L1 table has ${l1.bytes / 8} entries, the disk needs ${l1Needed}`
  if (refcounts.bytes === 0 || refcounts.bytes > maxRefcountTableBytes) return `its refcount table has ${refcounts.bytes} bytes`
  if (snapshots > maxSnapshots) return `it claims ${snapshots} internal snapshots; the most is ${maxSnapshots}`
  if (head.u64be(64) % clusterSize !== 0 || head.u64be(64) > size) return 'its snapshot table is outside of the file'
  const inUse = [{ name: 'header', offset: 0, bytes: clusterSize }, l1, refcounts]
  if (snapshots > 0) inUse.push({ name: 'snapshot table', offset: head.u64be(64), bytes: snapshots * 40 })
  return misplaced(inUse, size, clusterSize) ?? entries(head, size, clusterSize, inUse)
}

function misplaced(all: readonly Table[], size: number, clusterSize: number): string | undefined {
  for (const { name, offset, bytes } of all) {
    if (offset % clusterSize !== 0) return `its ${name} is not at the start of a cluster`
    // A table at the end of the file may be shorter than its last cluster.
    if (name !== 'header' && (offset >= size || offset + bytes > size + clusterSize)) return `its ${name} is outside of the file`
  }
  const ordered = all.toSorted((a, b) => a.offset - b.offset)
  const overlap = ordered.find((table, index) => {
    const next = ordered[index + 1]
    return next !== undefined && table.offset + table.bytes > next.offset
  })
  return overlap === undefined ? undefined : `its ${overlap.name} overlaps another table`
}

/** The entries of the tables that can be seen must point into the file, and not at a table again. */
function entries(head: Bytes, size: number, clusterSize: number, inUse: readonly Table[]): string | undefined {
  for (const { name, offset, bytes } of inUse.slice(1, 3)) {
    const end = Math.min(offset + bytes, head.length - 8)
    for (let at = offset; at <= end - 8; at += 8) {
      const target = Number((BigInt(head.u32be(at)) * 2n ** 32n + BigInt(head.u32be(at + 4))) & offsetMask)
      if (target === 0) continue
      if (target % clusterSize !== 0 || target >= size) return `an entry of its ${name} points outside of the file`
      if (inUse.some((table) => target >= table.offset && target < table.offset + table.bytes))
        return `an entry of its ${name} points at a table`
    }
  }
  return undefined
}
