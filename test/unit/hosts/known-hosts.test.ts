import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { fingerprint, keyType, knownName, knownTypes, parseKnownHosts, verdictOn } from '../../../src/hosts/known-hosts.ts'
import { knownHosts } from '../../../src/hosts/known-hosts-files.ts'
import { fc } from '../../support/property.ts'

const root = mkdtempSync(join(tmpdir(), 'nk-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))

/** A made-up ed25519 key that differs by `seed`. */
function aKey(seed: number): Buffer {
  const part = (bytes: Buffer) => Buffer.concat([Buffer.from([0, 0, 0, bytes.length]), bytes])
  return Buffer.concat([part(Buffer.from('ssh-ed25519')), part(Buffer.alloc(32, seed))])
}
const text = (key: Buffer) => `ssh-ed25519 ${key.toString('base64')}`
const [mine, other] = [aKey(1), aKey(2)]
const verdict = (lines: string, name: string, key = mine) => verdictOn(parseKnownHosts(lines, 'file'), name, key).kind

describe('known hosts', () => {
  it.each([
    ['a plain name', `a ${text(mine)}`, 'a', 'known'],
    ['one of several names', `x,a,10.0.0.1 ${text(mine)} comment`, '10.0.0.1', 'known'],
    ['a name in other letters', `A.Example.ORG ${text(mine)}`, 'a.example.org', 'known'],
    ['a port', `[a]:2222 ${text(mine)}`, '[a]:2222', 'known'],
    ['the port of another', `[a]:2222 ${text(mine)}`, 'a', 'unknown'],
    ['a wildcard', `*.example.org ${text(mine)}`, 'h1.example.org', 'known'],
    ['a question mark', `h? ${text(mine)}`, 'h12', 'unknown'],
    ['a negated name', `*.example.org,!h1.example.org ${text(mine)}`, 'h1.example.org', 'unknown'],
    ['only a negation', `!b ${text(mine)}`, 'a', 'unknown'],
    ['another key', `a ${text(other)}`, 'a', 'changed'],
    ['one of two keys', `a ${text(other)}\na ${text(mine)}`, 'a', 'known'],
    ['a revoked key', `a ${text(mine)}\n@revoked * ${text(mine)}`, 'a', 'revoked'],
    ['another revoked key', `a ${text(mine)}\n@revoked * ${text(other)}`, 'a', 'known'],
    ['an authority', `@cert-authority *.org ${text(other)}`, 'a.org', 'certified'],
    ['an unknown marker', `@something a ${text(mine)}`, 'a', 'unknown'],
    ['a comment', `# a ${text(mine)}`, 'a', 'unknown'],
    ['a key that names another type', `a ssh-rsa ${mine.toString('base64')}`, 'a', 'unknown'],
    ['nothing', '', 'a', 'unknown'],
  ])('a line with %s', (_, lines, name, kind) => {
    expect(verdict(lines, name)).toBe(kind)
  })

  it('reads what ssh-keygen hashes, and says fingerprints as it does', () => {
    const file = join(root, 'hashed')
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(root, 'key')])
    const [, base64 = ''] = readFileSync(join(root, 'key.pub'), 'utf8').split(' ')
    writeFileSync(file, `[far.example.org]:2022 ssh-ed25519 ${base64}\nnear ssh-ed25519 ${base64}\n`)
    execFileSync('ssh-keygen', ['-q', '-H', '-f', file], { stdio: 'ignore' })
    const lines = readFileSync(file, 'utf8')
    const key = Buffer.from(base64, 'base64')
    expect(lines).not.toContain('far.example.org')
    expect(verdict(lines, '[far.example.org]:2022', key)).toBe('known')
    expect(verdict(lines, 'near', key)).toBe('known')
    expect(verdict(lines, 'nearer', key)).toBe('unknown')
    expect(execFileSync('ssh-keygen', ['-lf', join(root, 'key.pub')], { encoding: 'utf8' })).toContain(fingerprint(key))
  })

  it('names ports as ssh does and knows which types to ask for', () => {
    expect([knownName('A', 22), knownName('a', 2222), knownName('fe80::1', 23)]).toEqual(['a', '[a]:2222', '[fe80::1]:23'])
    expect(knownTypes(parseKnownHosts(`a ${text(mine)}\na ${text(other)}\n@revoked a ${text(mine)}`, 'f'), 'a')).toEqual([
      'ssh-ed25519',
    ])
  })

  it('never fails on what a file may hold', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 300 }), fc.uint8Array({ maxLength: 80 }), (line, bytes) => {
        const key = Buffer.from(bytes)
        verdictOn(parseKnownHosts(`${line}\n|1|${line}|${line} ${text(mine)}`, 'f'), line, key)
        keyType(key)
      }),
    )
    const began = process.cpuUsage()
    verdict(`${'*a'.repeat(8000)} ${text(mine)}`, `${'a'.repeat(250)}b`)
    expect(process.cpuUsage(began).user / 1000).toBeLessThan(5000)
  })
})

describe('verification of a host key', () => {
  const owner = { name: 'h1', host: 'a', port: 22 }
  const own = join(root, 'state', 'known_hosts')
  const over = (lines: string) => {
    const file = join(root, 'user')
    writeFileSync(file, lines)
    return { files: [file], own }
  }

  it('S11 an unknown host key is refused with its fingerprint and the way to accept it', async () => {
    await expect(knownHosts(over('')).verify(owner, mine)).rejects.toMatchObject({
      kind: 'forbidden',
      message: `host h1: the key of a is not known: ssh-ed25519 ${fingerprint(mine)}`,
      hint: expect.stringContaining('--accept-new'),
    })
  })

  it('S11 a changed host key is refused with both fingerprints, also when new ones are accepted', async () => {
    const verify = knownHosts({ ...over(`a ${text(other)}`), accept: 'new' }).verify(owner, mine)
    await expect(verify).rejects.toMatchObject({ kind: 'forbidden', message: expect.stringContaining(fingerprint(mine)) })
    await expect(verify).rejects.toMatchObject({ message: expect.stringContaining(`${fingerprint(other)} (${root}/user:1)`) })
  })

  it.each([
    ['@revoked', 'revokes', mine],
    ['@cert-authority', 'certificate authority', other],
  ])('stops at %s and names the line', async (marker, said, key) => {
    const verify = knownHosts({ ...over(`\n${marker} a ${text(key)}`), accept: 'new' }).verify(owner, mine)
    await expect(verify).rejects.toMatchObject({ kind: 'forbidden', message: expect.stringContaining(said) })
    await expect(verify).rejects.toMatchObject({ message: expect.stringContaining(`${root}/user:2`) })
  })

  it('S11 accepts a new key once, in one line that ssh can read, for nobody else to see', async () => {
    const accepted: string[] = []
    const keys = { ...over(''), onAccepted: ({ fingerprint: print }: { fingerprint: string }) => void accepted.push(print) }
    await knownHosts({ ...keys, accept: 'planned' }).verify(owner, mine)
    await expect(knownHosts(keys).verify(owner, mine)).rejects.toMatchObject({ kind: 'forbidden' })
    await knownHosts({ ...keys, accept: 'new' }).verify(owner, mine)
    await knownHosts(keys).verify(owner, mine)
    await knownHosts({ ...keys, accept: 'new' }).verify({ ...owner, port: 2222 }, other)
    expect(readFileSync(own, 'utf8')).toBe(`a ${text(mine)}\n[a]:2222 ${text(other)}\n`)
    expect(statSync(own).mode & 0o777).toBe(0o600)
    expect(accepted).toEqual([mine, mine, other].map((key) => `ssh-ed25519 ${fingerprint(key)}`))
    expect(execFileSync('ssh-keygen', ['-F', '[a]:2222', '-f', own], { encoding: 'utf8' })).toContain('ssh-ed25519')
  })

  it('S11 keeps every key of many that are accepted at once', async () => {
    const keys = { ...over(''), accept: 'new' as const }
    const ports = [2201, 2202, 2203, 2204]
    await Promise.all(ports.map((port) => knownHosts(keys).verify({ ...owner, port }, mine)))
    for (const port of ports) await knownHosts(over(readFileSync(own, 'utf8'))).verify({ ...owner, port }, mine)
  })
})
