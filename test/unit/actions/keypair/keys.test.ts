import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fingerprintsOf, generateKey, readPublicKey } from '../../../../src/actions/keypair/keys.ts'
import { seededRandom } from '../../../support/a-context.ts'

let directory: string
beforeAll(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'nk-'))
})
afterAll(() => rmSync(directory, { recursive: true, force: true }))

const keygen = (...argv: string[]) => execFileSync('ssh-keygen', argv, { encoding: 'utf8' })
const fileOf = (name: string, content: string) => {
  const file = path.join(directory, name)
  writeFileSync(file, content, { mode: 0o600 })
  return file
}

describe('a generated key', () => {
  it.each([
    ['ed25519', 256],
    ['rsa', 2048],
  ] as const)('of kind %s is one that ssh-keygen reads', async (kind, bits) => {
    const key = await generateKey(kind, 2048, 'alice@mine', seededRandom())
    const file = fileOf(`private-${kind}`, key.privateKey)
    expect(keygen('-y', '-f', file).trim()).toBe(key.line)
    const prints = await fingerprintsOf(key.blob)
    expect(keygen('-l', '-f', file)).toContain(`${bits} ${prints.sha256} alice@mine`)
    expect(keygen('-l', '-E', 'md5', '-f', file)).toContain(`MD5:${prints.fingerprint}`)
    // signs and verifies, so the private numbers are whole too
    const data = fileOf(`data-${kind}`, 'signed text')
    execFileSync('ssh-keygen', ['-q', '-Y', 'sign', '-f', file, '-n', 'file', data], { stdio: 'ignore' })
    const signature = readFileSync(`${data}.sig`, 'utf8')
    const check = ['-Y', 'check-novalidate', '-n', 'file', '-s', fileOf(`signature-${kind}`, signature)]
    expect(execFileSync('ssh-keygen', check, { input: 'signed text', encoding: 'utf8' })).toContain('Good "file" signature')
  })
})

describe('a public key of ssh-keygen', () => {
  it.each([
    ['ed25519', []],
    ['rsa', ['-b', '2048']],
    ['ecdsa', ['-b', '256']],
    ['ecdsa', ['-b', '384']],
    ['ecdsa', ['-b', '521']],
  ] as const)('of kind %s %j has the fingerprints that ssh-keygen prints', async (kind, options) => {
    const file = path.join(directory, `made-${kind}-${options.join('')}`)
    keygen('-q', '-t', kind, ...options, '-N', '', '-C', 'a comment', '-f', file)
    const key = readPublicKey(readFileSync(`${file}.pub`, 'utf8'))
    const prints = await fingerprintsOf(key.blob)
    expect(keygen('-l', '-f', `${file}.pub`)).toContain(prints.sha256)
    expect(keygen('-l', '-E', 'md5', '-f', `${file}.pub`)).toContain(`MD5:${prints.fingerprint} `)
    expect(key.line).toBe(readFileSync(`${file}.pub`, 'utf8').trim())
    expect(() => readPublicKey(readFileSync(file, 'utf8'))).toThrow('this is a private key')
  })
})

const good = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'

describe('readPublicKey', () => {
  it('keeps one clean line', () => {
    expect(readPublicKey(`# mine\r\n  ${good}   a\u001b[31m b \r\n\n`).line).toBe(`${good} a[31m b`)
  })

  it.each([
    ['', 'has 0'],
    [`${good}\n${good}`, 'has 2'],
    ['hello', 'does not begin with a known type'],
    ['ssh-dss AAAA', 'does not begin with a known type'],
    [`command="x" ${good}`, 'does not begin with a known type'],
    ['__proto__ AAAA', 'does not begin with a known type'],
    ['ssh-ed25519', 'is damaged: 0 bytes'],
    ['ssh-ed25519 ****', 'is not base64'],
    [good.slice(0, -4), 'is damaged'],
    [good.replace('ssh-ed25519', 'ssh-rsa'), 'is damaged'],
    ['ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAAQA=', 'has 1 bytes instead of 32'],
    ['ssh-rsa AAAAB3NzaC1yc2EAAAABAwAAAAEF', 'has 8 bits, the least is 1024'],
    ['-----BEGIN OPENSSH PRIVATE KEY-----\nsecret\n', 'this is a private key'],
  ])('refuses %j and does not repeat it', (text, message) => {
    expect(() => readPublicKey(text)).toThrow(message)
    expect(() => readPublicKey(text)).not.toThrow('secret')
  })
})
