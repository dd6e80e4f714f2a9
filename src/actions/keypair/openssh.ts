/** OpenSSH's binary forms (RFC 4253 and PROTOCOL.key): length-prefixed fields and the unencrypted `openssh-key-v1` file. */
import type { Buffer as Bytes } from 'node:buffer'
import { Fault } from '../../core/fault.ts'

/** A JSON Web Key as node exports it; the fields are base64url numbers. */
export type Jwk = { readonly [field: string]: unknown }

/** The length-prefixed fields of a blob, or undefined when a length points behind its end. */
export function fields(blob: Bytes): Bytes[] | undefined {
  const found: Bytes[] = []
  for (let at = 0; at < blob.length; ) {
    if (at + 4 > blob.length) return undefined
    const end = at + 4 + blob.readUInt32BE(at)
    if (end > blob.length) return undefined
    found.push(blob.subarray(at + 4, end))
    at = end
  }
  return found
}

const uint32 = (value: number) => {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}
const field = (content: Uint8Array | string) => {
  const bytes = typeof content === 'string' ? Buffer.from(content) : content
  return Buffer.concat([uint32(bytes.length), bytes])
}
/** A positive number: no leading zeros but one when the top bit is set. */
const integer = (bytes: Bytes) => {
  const start = bytes.findIndex((byte) => byte !== 0)
  const digits = start < 0 ? Buffer.alloc(0) : bytes.subarray(start)
  return field((digits[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.from([0]), digits]) : digits)
}
const part = (key: Jwk, name: string) => {
  const value = key[name]
  if (typeof value !== 'string') throw new Fault('internal', `the new key has no part ${name}`)
  return Buffer.from(value, 'base64url')
}

/** The public blob of a private key, and the private one without its comment. */
export function blobOfPrivate(key: Jwk): { publicBlob: Bytes; privateBlob: Bytes } {
  if (key.kty !== 'RSA') {
    const type = field('ssh-ed25519')
    const point = part(key, 'x')
    const secret = field(Buffer.concat([part(key, 'd'), point]))
    const publicBlob = Buffer.concat([type, field(point)])
    return { publicBlob, privateBlob: Buffer.concat([publicBlob, secret]) }
  }
  const type = field('ssh-rsa')
  const numbers = (...names: string[]) => names.map((name) => integer(part(key, name)))
  return {
    publicBlob: Buffer.concat([type, ...numbers('e', 'n')]),
    privateBlob: Buffer.concat([type, ...numbers('n', 'e', 'd', 'qi', 'p', 'q')]),
  }
}

/** The text of an `openssh-key-v1` file; `check` is four random bytes that stand in it twice. */
export function packed(publicBlob: Bytes, privateBlob: Bytes, comment: string, check: Uint8Array): string {
  const body = Buffer.concat([check, check, privateBlob, field(comment)])
  const padding = Buffer.from(Array.from({ length: (8 - (body.length % 8)) % 8 }, (_, index) => index + 1))
  const file = Buffer.concat([
    Buffer.from('openssh-key-v1\0'),
    field('none'),
    field('none'),
    field(''),
    uint32(1),
    field(publicBlob),
    field(Buffer.concat([body, padding])),
  ])
  const lines = file.toString('base64').match(/.{1,70}/g) ?? []
  return ['-----BEGIN OPENSSH PRIVATE KEY-----', ...lines, '-----END OPENSSH PRIVATE KEY-----', ''].join('\n')
}
