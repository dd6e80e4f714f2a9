/**
 * What ~/.ssh/config says about a host. Nothing in it is ever executed: Match exec never matches, names are not looked up,
 * and a directive that would run a program is refused when the connection needs it, else ignored by name.
 */
import { Fault } from '../core/fault.ts'
import type { SshAddress } from '../model/ssh-address.ts'
import { parseSshAddress } from '../model/ssh-address.ts'

export interface SshTarget {
  readonly user: string
  readonly host: string
  readonly port: number
  readonly identityFiles: readonly string[]
  /** Only the identity files: keys of the agent are offered when they are one of those. */
  readonly identitiesOnly: boolean
  /** Hosts to pass through, the first one first. */
  readonly jumps: readonly string[]
  readonly connectTimeoutMs: number | undefined
  /** Directives that were not obeyed, for a person. */
  readonly ignored: readonly string[]
}

export interface SshConfigOptions {
  readonly text: string
  readonly address: SshAddress
  /** The user of this machine, who logs in when nobody else is named. */
  readonly localUser: string
  readonly home: string
}

const maxConfigBytes = 1024 * 1024
const notObeyed = [
  'LocalCommand',
  'RemoteCommand',
  'KnownHostsCommand',
  'CanonicalizeHostname',
  'Include',
  'PKCS11Provider',
  'HostKeyAlias',
]

/** The target for an address, as the configuration completes it. Fault `unsupported` for a ProxyCommand. */
export async function sshTarget(options: SshConfigOptions): Promise<SshTarget> {
  const { address, localUser, home } = options
  const found = await directivesFor(options)
  const one = (name: string) => found.get(name.toLowerCase())?.[0]
  const command = one('ProxyCommand')
  if (command !== undefined && command.toLowerCase() !== 'none') {
    throw new Fault('unsupported', `~/.ssh/config has a ProxyCommand for ${address.host}, which is never run`, {
      hint: 'use ProxyJump there, or give --jump',
    })
  }
  const host = (one('HostName') ?? address.host).replaceAll('%h', address.host).replaceAll('%%', '%')
  const user = address.user ?? one('User') ?? localUser
  const port = address.port ?? Number(one('Port') ?? 22)
  parseSshAddress(`${user}@${host.includes(':') ? `[${host}]` : host}:${port}`)
  const jump = one('ProxyJump')
  const timeout = Number(one('ConnectTimeout') ?? Number.NaN)
  const path = (text: string) => expanded(text, { home, host, user, localUser })
  return {
    user,
    host,
    port,
    identityFiles: (found.get('identityfile') ?? []).filter((file) => file !== 'none').map(path),
    identitiesOnly: one('IdentitiesOnly')?.toLowerCase() === 'yes',
    jumps: jump === undefined || jump.toLowerCase() === 'none' ? [] : jump.split(',').map((part) => part.trim()),
    connectTimeoutMs: Number.isFinite(timeout) && timeout > 0 ? timeout * 1000 : undefined,
    ignored: notObeyed.filter((name) => found.has(name.toLowerCase())),
  }
}

/** The values of each directive, by its name in lower case. */
async function directivesFor({ text, address }: SshConfigOptions): Promise<Map<string, readonly string[]>> {
  if (text.trim() === '') return new Map()
  if (text.length > maxConfigBytes)
    throw new Fault('invalid', `~/.ssh/config has ${text.length} bytes, at most ${maxConfigBytes} are read`)
  const { default: SSHConfig } = await import('ssh-config')
  try {
    const safe = withoutLookups(text)
    const computed: Record<string, unknown> = SSHConfig.parse(safe).compute(
      { Host: address.host, ...(address.user === undefined ? {} : { User: address.user }) },
      { ignoreCase: true, matchExec: false },
    )
    const rows = Object.entries(computed).map(([name, value]): [string, string[]] => [
      name.toLowerCase(),
      [value].flat().map(String),
    ])
    const lookups = safe === text ? [] : [['canonicalizehostname', ['yes']] as [string, string[]]]
    return new Map([...rows, ...lookups])
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new Fault('invalid', `~/.ssh/config cannot be read: ${reason}`, { cause: error })
  }
}

/** The library would run nslookup for this directive. */
const withoutLookups = (text: string) => text.replace(/^[ \t]*CanonicalizeHostname\b.*$/gim, '')

function expanded(text: string, { home, host, user, localUser }: Record<'home' | 'host' | 'user' | 'localUser', string>): string {
  const values = new Map([
    ['%d', home],
    ['%h', host],
    ['%r', user],
    ['%u', localUser],
    ['%%', '%'],
  ])
  return text.replace(/^~(?=\/|$)/, home).replace(/%./g, (token) => values.get(token) ?? token)
}
