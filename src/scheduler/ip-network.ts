/** IPv4 and IPv6 addresses as whole numbers, and the test whether one lies in a network. */

export interface IpAddress {
  readonly bits: 32 | 128
  readonly value: bigint
}

/** The address that `text` spells, or undefined. */
export function ipAddress(text: string): IpAddress | undefined {
  if (text.length > 45) return undefined
  const value = text.includes(':') ? ipv6Value(text) : ipv4Value(text)
  return value === undefined ? undefined : { bits: text.includes(':') ? 128 : 32, value }
}

/** True when both addresses share the first `prefix` bits; never true across families. */
export function sharesPrefix(left: IpAddress, right: IpAddress, prefix: number): boolean {
  if (left.bits !== right.bits) return false
  const shift = BigInt(left.bits - prefix)
  return left.value >> shift === right.value >> shift
}

function ipv4Value(text: string): bigint | undefined {
  const parts = text.split('.')
  if (parts.length !== 4) return undefined
  let value = 0n
  for (const part of parts) {
    if (!/^(?:0|[1-9]\d{0,2})$/.test(part) || Number(part) > 255) return undefined
    value = (value << 8n) | BigInt(part)
  }
  return value
}

function ipv6Value(text: string): bigint | undefined {
  const halves = withoutDotted(text)?.split('::')
  if (!halves || halves.length > 2) return undefined
  const groups = halves.map((half) => (half === '' ? [] : half.split(':')))
  const [head = [], tail = []] = groups
  const missing = 8 - head.length - tail.length
  if (halves.length === 1 ? missing !== 0 : missing < 1) return undefined
  const all = [...head, ...Array<string>(missing).fill('0'), ...tail]
  let value = 0n
  for (const group of all) {
    if (!/^[0-9a-f]{1,4}$/i.test(group)) return undefined
    value = (value << 16n) | BigInt(`0x${group}`)
  }
  return value
}

/** `::ffff:10.0.0.1` with its last four bytes as two groups. */
function withoutDotted(text: string): string | undefined {
  const last = text.lastIndexOf(':') + 1
  if (!text.includes('.')) return text
  const value = ipv4Value(text.slice(last))
  if (value === undefined) return undefined
  return `${text.slice(0, last)}${(value >> 16n).toString(16)}:${(value & 0xffffn).toString(16)}`
}
