/** Where a PostgreSQL state is, read from its URL: strict, without a password, and encrypted unless the server is this machine. */
import { Fault } from '../../core/fault.ts'

/** How the connection is protected; the names are libpq's. There is no mode that falls back by itself. */
const tlsModes = ['disable', 'require', 'verify-ca', 'verify-full'] as const
type TlsMode = (typeof tlsModes)[number]

export interface Address {
  /** A host name, an address, or the directory of a unix socket. */
  readonly host: string
  readonly port: number
  readonly database: string
  readonly user: string
  readonly tls: TlsMode
  /** Paths of PEM files. */
  readonly rootCertificate: string | undefined
  readonly certificate: string | undefined
  readonly key: string | undefined
  /** The PostgreSQL schema that holds the tables; also the channel of notifications. */
  readonly schema: string
  /** The place for people: host, port, database and schema, never a password. */
  readonly place: string
}

const parameters = ['sslmode', 'sslrootcert', 'sslcert', 'sslkey', 'host', 'schema'] as const

/** True for a state that is a database and not a directory. */
export const isPostgresUrl = (state: string) => /^postgres(ql)?:\/\//.test(state)

/** Reads `postgres://USER@HOST:PORT/DATABASE?sslmode=…`; `invalid` names what is wrong without repeating a password. */
export function parseAddress(url: string, defaultUser = 'nova'): Address {
  const parsed = url.length <= 2048 && URL.canParse(url) ? new URL(url) : undefined
  if (!parsed || !isPostgresUrl(url)) throw new Fault('invalid', 'the URL of the state is not postgres://USER@HOST:PORT/DATABASE')
  if (parsed.password !== '') {
    throw new Fault('invalid', `the URL of the state on ${parsed.host} holds a password`, {
      hint: 'put it into ~/.pgpass (or the file that PGPASSFILE names) or into PGPASSWORD',
    })
  }
  const asked = new Map(parsed.searchParams)
  const unknown = [...asked.keys()].filter((name) => !parameters.some((known) => known === name))
  if (unknown.length > 0) {
    throw new Fault('invalid', `the URL of the state has the parameter ${unknown[0]}; known are ${parameters.join(', ')}`)
  }
  const host = asked.get('host') ?? (decodeURIComponent(parsed.hostname).replace(/^\[|\]$/g, '') || 'localhost')
  const port = parsed.port === '' ? 5432 : Number(parsed.port)
  const database = decodeURIComponent(parsed.pathname.slice(1)) || 'nova'
  const schema = schemaOf(asked.get('schema') ?? 'novakit')
  return {
    ...{ host, port, database, schema },
    user: decodeURIComponent(parsed.username) || defaultUser,
    tls: tlsOf(asked.get('sslmode'), host),
    rootCertificate: asked.get('sslrootcert'),
    certificate: asked.get('sslcert'),
    key: asked.get('sslkey'),
    place: `postgres://${host.includes(':') ? `[${host}]` : host}:${port}/${database}${schema === 'novakit' ? '' : `?schema=${schema}`}`,
  }
}

function schemaOf(schema: string): string {
  if (/^[a-z][a-z0-9_]{0,40}$/.test(schema)) return schema
  throw new Fault('invalid', `schema ${schema.slice(0, 41)} is not 1 to 41 of a-z, 0-9 and _, starting with a letter`)
}

function tlsOf(asked: string | undefined, host: string): TlsMode {
  if (asked === undefined) return isHere(host) ? 'disable' : 'verify-full'
  const mode = tlsModes.find((known) => known === asked)
  if (!mode) throw new Fault('invalid', `sslmode ${asked} is not one of ${tlsModes.join(', ')}`)
  return mode
}

/** True when nothing leaves this machine. */
const isHere = (host: string) =>
  host.startsWith('/') || host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host)
