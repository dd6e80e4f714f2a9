/** Where the broker is, read from its URL: strict, without a password, and encrypted unless the broker is this machine. */
import { Fault } from '../core/fault.ts'
import type { Fs } from '../core/ports.ts'
import type { Secret } from '../core/secret.ts'

export interface BrokerAddress {
  readonly protocol: 'amqp' | 'amqps'
  readonly hostname: string
  readonly port: number
  readonly username: string
  readonly vhost: string
  /** Path of a PEM file with the authority beside those of the system. */
  readonly authority: string | undefined
  /** The place for people; never holds a password. */
  readonly place: string
}

/** Reads `amqps://USER@HOST:PORT/VHOST?cacert=FILE`; `invalid` names what is wrong without repeating a password. */
export function parseBrokerUrl(url: string): BrokerAddress {
  const parsed = url.length <= 2048 && URL.canParse(url) ? new URL(url) : undefined
  const protocol = parsed?.protocol === 'amqp:' ? 'amqp' : parsed?.protocol === 'amqps:' ? 'amqps' : undefined
  if (!parsed || !protocol) throw new Fault('invalid', 'the URL of the bus is not amqps://USER@HOST:PORT/VHOST')
  const hostname = decodeURIComponent(parsed.hostname).replace(/^\[|\]$/g, '')
  if (parsed.password !== '')
    throw new Fault('invalid', `the URL of the bus on ${hostname} holds a password`, {
      hint: 'put it into NOVA_BUS_PASSWORD, or into the file bus-password of the state directory, mode 0600',
    })
  if (protocol === 'amqp' && !isLoopback(hostname))
    throw new Fault('invalid', `the bus on ${hostname} is not this machine: without TLS everybody on the way reads it`, {
      hint: 'use amqps://',
    })
  const unknown = [...parsed.searchParams.keys()].find((name) => name !== 'cacert')
  if (unknown !== undefined) throw new Fault('invalid', `the URL of the bus has the parameter ${unknown}; known is cacert`)
  const port = parsed.port === '' ? (protocol === 'amqps' ? 5671 : 5672) : Number(parsed.port)
  const vhost = decodeURIComponent(parsed.pathname.slice(1)) || '/'
  const shownHost = hostname.includes(':') ? `[${hostname}]` : hostname
  return {
    ...{ protocol, hostname, port, vhost },
    username: decodeURIComponent(parsed.username) || 'guest',
    authority: parsed.searchParams.get('cacert') ?? undefined,
    place: `${protocol}://${shownHost}:${port}${vhost === '/' ? '' : `/${vhost}`}`,
  }
}

export interface BrokerLogin {
  readonly address: BrokerAddress
  readonly password: Secret | undefined
  readonly fs: Pick<Fs, 'readFile'>
}

/** What the library wants to know; RabbitMQ's own guest account has its well-known password, and works on loopback only. */
export function connectOptions({ address, password, fs }: BrokerLogin, heartbeatSeconds: number) {
  const { protocol, hostname, port, username, vhost, authority } = address
  const known = username === 'guest' && isLoopback(hostname) ? 'guest' : undefined
  const secret = password?.reveal() ?? known
  if (secret === undefined)
    throw new Fault('unauthenticated', `no password of ${username} for ${address.place}`, {
      hint: 'put it into NOVA_BUS_PASSWORD, or into the file bus-password of the state directory, mode 0600',
    })
  return {
    url: { protocol, hostname, port, username, password: secret, vhost, heartbeat: heartbeatSeconds },
    socket: {
      ...{ noDelay: true, timeout: 10_000, keepAlive: true },
      ...(protocol === 'amqps' ? { servername: hostname } : {}),
      ...(authority === undefined ? {} : { ca: [fs.readFile(authority)] }),
    },
  }
}

const isLoopback = (host: string) => host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host)
