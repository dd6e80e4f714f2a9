/** Lines with a checksum at the end: JSON, a tab, eight hex digits of CRC-32, a newline. */
import { crc32, hex32 } from './crc32.ts'

const tab = 9
const newline = 10
/** Bytes after the JSON and before the newline: tab and checksum. */
export const trailerBytes = 9

/** `json` as one line, newline included. */
export function checkedLine(json: string, seed = 0): Buffer {
  const size = Buffer.byteLength(json)
  const line = Buffer.allocUnsafe(size + trailerBytes + 1)
  line.write(json, 0)
  return finish(line, size, seed)
}

/** The same for JSON that is bytes already. */
export function checkedBytes(json: Buffer, seed: number): Buffer {
  const line = Buffer.allocUnsafe(json.length + trailerBytes + 1)
  json.copy(line)
  return finish(line, json.length, seed)
}

function finish(line: Buffer, size: number, seed: number): Buffer {
  line[size] = tab
  line.write(hex32(crc32(line, 0, size, seed)), size + 1, 'latin1')
  line[line.length - 1] = newline
  return line
}

/** True when the line in `bytes[start, end)`, newline excluded, has the checksum that it says. */
export function isWhole(bytes: Buffer, start: number, end: number, seed = 0): boolean {
  const trailer = end - trailerBytes
  if (trailer < start || bytes[trailer] !== tab) return false
  return crcText(bytes, end) === hex32(crc32(bytes, start, trailer, seed))
}

/** The checksum that a line carries, as text. */
export const crcText = (bytes: Buffer, end: number) => bytes.toString('latin1', end - 8, end)

/** A line's JSON; undefined when its checksum or form is wrong. */
export function parseChecked(bytes: Buffer, start: number, end: number, seed = 0): unknown {
  return isWhole(bytes, start, end, seed) ? JSON.parse(bytes.toString('utf8', start, end - trailerBytes)) : undefined
}
