/** The backing file that the header of a qcow2 disk names. The header is the hypervisor's: no guest writes there. */

const magic = 0x514649fb
const longestName = 1023

/** Path of the file below the disk, or null for none. An `Error` when these are not the first bytes of a qcow2 disk. */
export function backingOf(header: Buffer): string | null {
  if (header.length < 24 || header.readUInt32BE(0) !== magic) throw new Error('it is no qcow2 disk')
  const offset = Number(header.readBigUInt64BE(8))
  const length = header.readUInt32BE(16)
  if (offset === 0 || length === 0) return null
  if (length > longestName || offset + length > header.length) throw new Error('its header names no backing file that could be')
  return header.subarray(offset, offset + length).toString('utf8')
}
