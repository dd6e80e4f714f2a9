/**
 * CRC-32 (IEEE), eight bytes a step. Our own: node:zlib has one, but loading it costs a read command 8 ms.
 * The tables are made on first use.
 */
let tables: readonly Int32Array[] | undefined
/** Node's own, once a process that writes much has loaded it. */
let native: ((bytes: Uint8Array, value?: number) => number) | undefined

/** From now on checksums are made by node's own code, several times as fast. */
export async function loadNativeCrc32(): Promise<void> {
  native ??= (await import('node:zlib')).crc32
}

/** The checksum of `bytes[start, end)` as an unsigned number; `seed` makes checksums of one place differ from another's. */
export function crc32(bytes: Uint8Array, start = 0, end = bytes.length, seed = 0): number {
  if (native) return native(start === 0 && end === bytes.length ? bytes : bytes.subarray(start, end), seed)
  tables ??= makeTables()
  const [t0, t1, t2, t3, t4, t5, t6, t7] = tables as Eight
  let crc = ~seed
  let at = start
  for (const last = end - 7; at < last; at += 8) {
    const low = crc ^ word(bytes, at)
    const high = word(bytes, at + 4)
    crc =
      look(t7, low & 255) ^
      look(t6, (low >>> 8) & 255) ^
      look(t5, (low >>> 16) & 255) ^
      look(t4, low >>> 24) ^
      look(t3, high & 255) ^
      look(t2, (high >>> 8) & 255) ^
      look(t1, (high >>> 16) & 255) ^
      look(t0, high >>> 24)
  }
  for (; at < end; at += 1) crc = look(t0, (crc ^ look(bytes, at)) & 255) ^ (crc >>> 8)
  return ~crc >>> 0
}

/** Eight lower-case hex digits. */
export const hex32 = (value: number) => value.toString(16).padStart(8, '0')

type Eight = readonly [Int32Array, Int32Array, Int32Array, Int32Array, Int32Array, Int32Array, Int32Array, Int32Array]

const look = (array: ArrayLike<number>, at: number) => array[at] ?? 0
const word = (bytes: Uint8Array, at: number) =>
  look(bytes, at) | (look(bytes, at + 1) << 8) | (look(bytes, at + 2) << 16) | (look(bytes, at + 3) << 24)

function makeTables(): Int32Array[] {
  const first = new Int32Array(256)
  for (let byte = 0; byte < 256; byte += 1) {
    let value = byte
    for (let bit = 0; bit < 8; bit += 1) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1
    first[byte] = value
  }
  const made = [first]
  for (let step = 1; step < 8; step += 1) {
    const previous = made[step - 1] ?? first
    made.push(previous.map((value) => (value >>> 8) ^ look(first, value & 255)))
  }
  return made
}
