/**
 * Downloads for images. A name is resolved once and the connection goes to the very address that was checked, for every
 * redirect again, so that no URL reaches what only this machine can reach.
 */
import type { ClientRequest, IncomingMessage, RequestOptions } from 'node:http'
import { Fault } from '../core/fault.ts'

const maxRedirects = 3
const idleMs = 30_000
const redirects = new Set([301, 302, 303, 307, 308])

export interface Address {
  readonly address: string
  readonly family: number
}

export interface FetchOptions {
  readonly allowHttp: boolean
  /** Asked for every address before anything is sent to it. */
  readonly isAllowed: (address: string) => boolean
  readonly resolve?: (hostname: string) => Promise<readonly Address[]>
  readonly signal?: AbortSignal
}

export interface Download {
  readonly stream: IncomingMessage
  /** Bytes that the server announced. */
  readonly size: number | undefined
}

/** Opens `url` for reading. Faults: `invalid` for what may not be fetched, `not-found`, `unreachable`. */
export async function openUrl(url: string, options: FetchOptions): Promise<Download> {
  let target = checkedUrl(url, options)
  for (let redirect = 0; redirect <= maxRedirects; redirect += 1) {
    const response = await request(target, await checkedAddress(target, options), options)
    const next = redirects.has(response.statusCode ?? 0) ? response.headers.location : undefined
    if (next === undefined) return accepted(target, response)
    response.destroy()
    target = checkedUrl(new URL(next, target).href, options)
  }
  throw new Fault('unreachable', `${show(target)} redirects more than ${maxRedirects} times`)
}

/** A URL as shown: without its query, which may be a secret. */
const show = (url: URL) => `${url.origin}${url.pathname}`

function checkedUrl(text: string, { allowHttp }: FetchOptions): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined || text.length > 2048) throw new Fault('invalid', 'the URL of the image is not a URL')
  if (url.protocol === 'http:' && !allowHttp) {
    throw new Fault('invalid', `${show(url)} is not encrypted`, {
      hint: 'use https, or --allow-http when the network is trusted',
    })
  }
  if (url.protocol !== 'https:' && url.protocol !== 'http:')
    throw new Fault('invalid', `images come by https, not by ${url.protocol.slice(0, -1)}`)
  if (url.username !== '' || url.password !== '')
    throw new Fault('invalid', `the URL of ${url.host} has a user or a password in it`)
  return url
}

/** The address that a connection for `url` goes to. Fault `invalid` when one of its addresses is not allowed. */
export async function checkedAddress(url: URL, options: Pick<FetchOptions, 'isAllowed' | 'resolve'>): Promise<Address> {
  const hostname = url.hostname.replace(/^\[(.*)\]$/, '$1')
  const addresses = await (options.resolve ?? systemResolve)(hostname).catch((error: unknown) => {
    throw new Fault('unreachable', `the name ${hostname} cannot be resolved`, { cause: error })
  })
  const [first] = addresses
  if (first === undefined) throw new Fault('unreachable', `the name ${hostname} has no address`)
  const inner = addresses.find(({ address }) => !options.isAllowed(address))
  if (inner === undefined) return first
  throw new Fault('invalid', `${hostname} is at ${inner.address}, which is not a public address`, {
    hint: 'use --allow-private-network when that is meant',
  })
}

async function systemResolve(hostname: string): Promise<readonly Address[]> {
  const { lookup } = await import('node:dns/promises')
  return lookup(hostname, { all: true })
}

async function request(url: URL, address: Address, { signal }: FetchOptions): Promise<IncomingMessage> {
  const { request: send } = url.protocol === 'https:' ? await import('node:https') : await import('node:http')
  const lookup: RequestOptions['lookup'] = (_, { all }, done) =>
    all === true ? done(null, [{ ...address }]) : done(null, address.address, address.family)
  const headers = { 'user-agent': 'novakit', 'accept-encoding': 'identity' }
  return new Promise((resolve, reject) => {
    const sent: ClientRequest = send(url, { agent: false, timeout: idleMs, headers, lookup, signal }, resolve)
    sent.once('timeout', () => sent.destroy(new Error(`no byte in ${idleMs / 1000} s`)))
    sent.once('error', (error) => reject(new Fault('unreachable', `${show(url)}: ${error.message}`, { cause: error })))
    sent.end()
  })
}

function accepted(url: URL, response: IncomingMessage): Download {
  const { statusCode = 0, statusMessage = '' } = response
  if (statusCode !== 200) {
    response.destroy()
    const kind = statusCode === 404 || statusCode === 410 ? 'not-found' : 'unreachable'
    throw new Fault(kind, `${show(url)}: the server answered ${statusCode} ${statusMessage.slice(0, 80)}`.trimEnd())
  }
  const length = Number(response.headers['content-length'])
  return { stream: response, size: Number.isSafeInteger(length) ? length : undefined }
}
