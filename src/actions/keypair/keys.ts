/** SSH keys: making them, reading public ones, their fingerprints. node:crypto is loaded when it is needed. */
import type { Buffer as Bytes } from 'node:buffer'
import { Fault } from '../../core/fault.ts'
import type { Random } from '../../core/ports.ts'
import { blobOfPrivate, fields, packed } from './openssh.ts'

export interface PublicKey {
  /** `type base64 comment`, one line. */
  readonly line: string
  readonly blob: Bytes
}

/** How many fields stand behind the type in the blob of each kind of key. */
const kinds: ReadonlyMap<string, number> = new Map([
  ['ssh-ed25519', 1],
  ['ssh-rsa', 2],
  ['ecdsa-sha2-nistp256', 2],
  ['ecdsa-sha2-nistp384', 2],
  ['ecdsa-sha2-nistp521', 2],
  ['sk-ssh-ed25519@openssh.com', 2],
  ['sk-ecdsa-sha2-nistp256@openssh.com', 3],
])
const leastRsaBytes = 128

/** Reads one public key line; `invalid` says what is wrong and never repeats the text. */
export function readPublicKey(text: string): PublicKey {
  if (/PRIVATE KEY/.test(text))
    throw new Fault('invalid', 'this is a private key; import the public one', { hint: 'it is in the file that ends in .pub' })
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== '' && !line.startsWith('#'))
  if (lines.length !== 1) throw new Fault('invalid', `a public key is one line, this has ${lines.length}`)
  const [type = '', base64 = '', ...comment] = (lines[0] ?? '').trim().split(/[ \t]+/)
  const expected = kinds.get(type)
  if (expected === undefined)
    throw new Fault('invalid', 'the public key does not begin with a known type', {
      hint: `known: ${[...kinds.keys()].join(', ')}`,
    })
  const blob = Buffer.from(base64, 'base64')
  if (blob.toString('base64').replace(/=+$/, '') !== base64.replace(/=+$/, ''))
    throw new Fault('invalid', `the ${type} key is not base64`)
  checkBlob(type, expected, blob)
  return { line: [type, base64, printable(comment.join(' '))].filter((part) => part !== '').join(' '), blob }
}

function checkBlob(type: string, expected: number, blob: Bytes) {
  const parts = fields(blob)
  if (!parts || parts.length !== expected + 1 || parts[0]?.toString('latin1') !== type)
    throw new Fault('invalid', `the ${type} key is damaged: ${blob.length} bytes that do not hold what the type says`)
  const last = parts.at(-1)?.length ?? 0
  if (type === 'ssh-ed25519' && last !== 32) throw new Fault('invalid', `the ssh-ed25519 key has ${last} bytes instead of 32`)
  if (type === 'ssh-rsa' && last < leastRsaBytes)
    throw new Fault('invalid', `the ssh-rsa key has ${last * 8} bits, the least is ${leastRsaBytes * 8}`)
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: removing them is the point
const printable = (text: string) => text.replace(/[\u0000-\u001f\u007f-\u009f]/g, '')

/** Fingerprints of a key's blob: as Nova prints it (MD5) and as OpenSSH does (SHA-256). */
export async function fingerprintsOf(blob: Bytes): Promise<{ fingerprint: string; sha256: string }> {
  const { createHash } = await import('node:crypto')
  const md5 = createHash('md5').update(blob).digest('hex')
  const sha256 = createHash('sha256').update(blob).digest('base64').replace(/=+$/, '')
  return { fingerprint: md5.match(/../g)?.join(':') ?? '', sha256: `SHA256:${sha256}` }
}

export type KeyAlgorithm = 'ed25519' | 'rsa'

/** A new key: its public line and its private key in OpenSSH's format. */
export async function generateKey(
  algorithm: KeyAlgorithm,
  bits: number,
  comment: string,
  random: Random,
): Promise<PublicKey & { privateKey: string }> {
  const { generateKeyPairSync } = await import('node:crypto')
  const { privateKey } =
    algorithm === 'rsa' ? generateKeyPairSync('rsa', { modulusLength: bits }) : generateKeyPairSync('ed25519')
  const { publicBlob, privateBlob } = blobOfPrivate(privateKey.export({ format: 'jwk' }))
  const type = algorithm === 'rsa' ? 'ssh-rsa' : 'ssh-ed25519'
  const label = printable(comment)
  return {
    line: `${type} ${publicBlob.toString('base64')} ${label}`,
    blob: publicBlob,
    privateKey: packed(publicBlob, privateBlob, label, random.bytes(4)),
  }
}
