/** Addresses of ssh hosts: `[user@]name[:port]`, with an IPv6 address in brackets. */
import { Fault } from '../core/fault.ts'

export interface SshAddress {
  readonly user: string | undefined
  readonly host: string
  readonly port: number | undefined
}

/** No part can begin an option, and none has a character that ssh configuration would expand. */
const pattern =
  /^(?:([A-Za-z_][A-Za-z0-9_.-]{0,31}\$?)@)?(?:\[([0-9A-Fa-f:.]{2,45})\]|([A-Za-z0-9][A-Za-z0-9_.-]{0,252}))(?::(\d{1,5}))?$/

/** The parts of an address. Fault `invalid` for anything else. */
export function parseSshAddress(text: string): SshAddress {
  const [, user, ipv6, name, digits] = pattern.exec(text) ?? []
  const host = ipv6 ?? name
  const port = digits === undefined ? undefined : Number(digits)
  if (host === undefined || port === 0 || (port !== undefined && port > 65535)) {
    throw new Fault('invalid', `${text} is no address of a host`, {
      hint: 'use [user@]name[:port], for example root@10.0.0.5:22',
    })
  }
  return { user, host, port }
}

/** The address as a person writes it. */
export function formatSshAddress({ user, host, port }: SshAddress): string {
  const name = host.includes(':') ? `[${host}]` : host
  return `${user === undefined ? '' : `${user}@`}${name}${port === undefined || port === 22 ? '' : `:${port}`}`
}
