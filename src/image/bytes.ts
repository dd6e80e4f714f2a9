/** Numbers and texts inside bytes of unknown origin: a place outside reads as zero, nothing throws. */
export interface Bytes {
  readonly length: number
  u8(offset: number): number
  u16le(offset: number): number
  u32le(offset: number): number
  u32be(offset: number): number
  /** Values above 2^53 lose precision, not size. */
  u64le(offset: number): number
  u64be(offset: number): number
  /** True when the Latin-1 `text` is at `offset`. */
  has(offset: number, text: string): boolean
  /** Latin-1. */
  text(offset: number, length: number): string
}

/** Readers over `bytes`. */
export function bytesOf(bytes: Uint8Array): Bytes {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const within = (offset: number, size: number, read: () => number) =>
    Number.isSafeInteger(offset) && offset >= 0 && offset + size <= bytes.length ? read() : 0
  const text = (offset: number, length: number) => {
    const part = bytes.subarray(Math.min(offset, bytes.length), Math.min(offset + length, bytes.length))
    return Buffer.from(part.buffer, part.byteOffset, part.length).toString('latin1')
  }
  return {
    length: bytes.length,
    u8: (offset) => within(offset, 1, () => view.getUint8(offset)),
    u16le: (offset) => within(offset, 2, () => view.getUint16(offset, true)),
    u32le: (offset) => within(offset, 4, () => view.getUint32(offset, true)),
    u32be: (offset) => within(offset, 4, () => view.getUint32(offset)),
    u64le: (offset) => within(offset, 8, () => Number(view.getBigUint64(offset, true))),
    u64be: (offset) => within(offset, 8, () => Number(view.getBigUint64(offset))),
    has: (offset, wanted) => text(offset, wanted.length) === wanted,
    text,
  }
}
