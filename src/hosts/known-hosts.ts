/** The lines of known_hosts files: which keys a host may show. Pure: what it says depends on text alone. */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto'

export type Marker = 'none' | 'revoked' | 'cert-authority'

export interface KnownKey {
  readonly marker: Marker
  readonly type: string
  /** The key's bytes as ssh sends them. */
  readonly key: Buffer
  /** File and line number, for a person. */
  readonly source: string
  matches(name: string): boolean
}

export type Verdict =
  | { readonly kind: 'known' }
  | { readonly kind: 'unknown' }
  | { readonly kind: 'changed'; readonly expected: readonly KnownKey[] }
  | { readonly kind: 'revoked'; readonly source: string }
  | { readonly kind: 'certified'; readonly source: string }

/** Lines beyond this length are no keys. */
const maxLine = 16 * 1024

/** The keys of a file; what is no key line is left out, as ssh does. */
export function parseKnownHosts(text: string, file: string): KnownKey[] {
  return text.split('\n').flatMap((line, index) => parseLine(line, `${file}:${index + 1}`) ?? [])
}

function parseLine(line: string, source: string): KnownKey | undefined {
  const words = line.length > maxLine ? [] : line.trim().split(/[ \t]+/)
  const marked = words[0]?.startsWith('@') === true
  const marker = marked ? words.shift()?.slice(1) : 'none'
  const [names, type, base64] = words
  if (names === undefined || names.startsWith('#') || type === undefined || base64 === undefined) return undefined
  if (marker !== 'none' && marker !== 'revoked' && marker !== 'cert-authority') return undefined
  const key = Buffer.from(base64, 'base64')
  // The bytes name their own type; a line in which the two differ was not written by ssh.
  if (keyType(key) !== type) return undefined
  return { marker, type, key, source, matches: nameMatcher(names) }
}

/** The type that a key's bytes carry, for example ssh-ed25519; empty when they are no key. */
export function keyType(key: Buffer): string {
  if (key.length < 4) return ''
  const length = key.readUInt32BE(0)
  return length > 64 || key.length < 4 + length ? '' : key.toString('latin1', 4, 4 + length)
}

/** `SHA256:…` as ssh-keygen -l prints it. */
export const fingerprint = (key: Buffer): string =>
  `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`

/** What a host is called in these files: its name, with the port when that is not 22. */
export const knownName = (host: string, port: number): string => (port === 22 ? host : `[${host}]:${port}`).toLowerCase()

function nameMatcher(names: string): (name: string) => boolean {
  const [, salt, hash] = /^\|1\|([^|]+)\|([^|]+)$/.exec(names) ?? []
  if (salt !== undefined && hash !== undefined)
    return (name) => isHashOf(name, Buffer.from(salt, 'base64'), Buffer.from(hash, 'base64'))
  const patterns = names.toLowerCase().split(',')
  const refused = patterns.filter((pattern) => pattern.startsWith('!')).map((pattern) => pattern.slice(1))
  const taken = patterns.filter((pattern) => !pattern.startsWith('!'))
  return (name) => taken.some((pattern) => globMatches(pattern, name)) && !refused.some((pattern) => globMatches(pattern, name))
}

function isHashOf(name: string, salt: Buffer, hash: Buffer): boolean {
  const own = createHmac('sha1', salt).update(name).digest()
  return own.length === hash.length && timingSafeEqual(own, hash)
}

/** `*` and `?` alone are special. Linear in both lengths times the stars: no pattern can hold us up. */
function globMatches(pattern: string, name: string): boolean {
  let [at, from, star, resume] = [0, 0, -1, 0]
  while (from < name.length) {
    if (pattern[at] === '*') [star, resume, at] = [at, from, at + 1]
    else if (at < pattern.length && (pattern[at] === '?' || pattern[at] === name[from])) [at, from] = [at + 1, from + 1]
    else if (star >= 0) [at, resume, from] = [star + 1, resume + 1, resume + 1]
    else return false
  }
  while (pattern[at] === '*') at += 1
  return at === pattern.length
}

/** The key types under which a host is known, for the negotiation: a server has several keys and shows one. */
export function knownTypes(keys: readonly KnownKey[], name: string): string[] {
  const plain = keys.filter(({ marker, matches }) => marker === 'none' && matches(name))
  return [...new Set(plain.map(({ type }) => type))]
}

/** Whether a host may show `key`. A revoked key is refused whatever else is known of it. */
export function verdictOn(keys: readonly KnownKey[], name: string, key: Buffer): Verdict {
  const mine = keys.filter(({ matches }) => matches(name))
  const revoked = mine.find((known) => known.marker === 'revoked' && known.key.equals(key))
  if (revoked) return { kind: 'revoked', source: revoked.source }
  const plain = mine.filter(({ marker }) => marker === 'none')
  if (plain.some((known) => known.key.equals(key))) return { kind: 'known' }
  if (plain.length > 0) return { kind: 'changed', expected: plain }
  const authority = mine.find(({ marker }) => marker === 'cert-authority')
  return authority ? { kind: 'certified', source: authority.source } : { kind: 'unknown' }
}
