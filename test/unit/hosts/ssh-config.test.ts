import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { sshTarget } from '../../../src/hosts/ssh-config.ts'
import { formatSshAddress, parseSshAddress } from '../../../src/model/ssh-address.ts'

const root = mkdtempSync(join(tmpdir(), 'nk-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))

const target = (address: string, text = '') =>
  sshTarget({ text, address: parseSshAddress(address), localUser: 'me', home: '/home/me' })

describe('an address of a host', () => {
  it.each([
    ['h1', { user: undefined, host: 'h1', port: undefined }],
    ['root@10.0.0.1:2222', { user: 'root', host: '10.0.0.1', port: 2222 }],
    ['admin@[fe80::1]:22', { user: 'admin', host: 'fe80::1', port: 22 }],
  ])('%s has parts', (text, parts) => {
    expect(parseSshAddress(text)).toEqual(parts)
    expect(parseSshAddress(formatSshAddress(parts))).toMatchObject({ host: parts.host, user: parts.user })
  })

  it.each([
    '',
    '-oProxyCommand=x',
    'a b',
    '$(id)',
    'a;id',
    'root@',
    '@a',
    'a:0',
    'a:65536',
    'a\nb',
    '%h',
    'a@b@c',
    '-l@h',
    'a:-1',
    '../x',
  ])('refuses %j', (text) => {
    expect(() => parseSshAddress(text)).toThrow(expect.objectContaining({ kind: 'invalid' }))
  })
})

describe('the ssh configuration', () => {
  it('leaves an address alone that it does not know', async () => {
    expect(await target('h1')).toMatchObject({ user: 'me', host: 'h1', port: 22, identityFiles: [], jumps: [], ignored: [] })
  })

  it('completes it, and what the address says comes first', async () => {
    const text = `
Host hv*
  HostName %h.example.org
  User admin
  Port 2222
  IdentityFile ~/.ssh/%r_%h
  IdentityFile /keys/second
  IdentitiesOnly yes
  ProxyJump gate,root@inner:23
  ConnectTimeout 3
Host *
  User nobody
`
    expect(await target('hv1', text)).toMatchObject({
      user: 'admin',
      host: 'hv1.example.org',
      port: 2222,
      identityFiles: ['/home/me/.ssh/admin_hv1.example.org', '/keys/second'],
      identitiesOnly: true,
      jumps: ['gate', 'root@inner:23'],
      connectTimeoutMs: 3000,
    })
    expect(await target('root@hv1:22', text)).toMatchObject({ user: 'root', port: 22 })
    expect(await target('other', text)).toMatchObject({ user: 'nobody', host: 'other' })
  })

  it('S13 never runs a program that it names', async () => {
    const proof = join(root, 'ran')
    const text = `
Match exec "touch ${proof}"
  User evil
Host *
  LocalCommand touch ${proof}
  PermitLocalCommand yes
  KnownHostsCommand /bin/touch ${proof}
  CanonicalizeHostname yes
  CanonicalDomains example.org
`
    const found = await target('h1', text)
    expect(found).toMatchObject({ user: 'me', host: 'h1' })
    expect(found.ignored).toEqual(expect.arrayContaining(['LocalCommand', 'KnownHostsCommand', 'CanonicalizeHostname']))
    expect(existsSync(proof)).toBe(false)
  })

  it('refuses a host that is reached by a ProxyCommand only', async () => {
    const refused = target('h1', 'Host h1\n  ProxyCommand nc %h %p\n')
    await expect(refused).rejects.toMatchObject({ kind: 'unsupported', message: expect.stringContaining('ProxyCommand') })
    expect(await target('h2', 'Host h1\n  ProxyCommand nc %h %p\n')).toMatchObject({ host: 'h2' })
    expect(await target('h1', 'Host h1\n  ProxyCommand none\n')).toMatchObject({ host: 'h1' })
  })

  it('refuses values that would reach further than they may', async () => {
    for (const line of ['HostName -oProxyCommand=id', 'HostName a b', 'User -l', 'Port 99999', 'HostName $(id)'])
      await expect(target('h1', `Host h1\n  ${line}\n`)).rejects.toMatchObject({ kind: 'invalid' })
  })
})
