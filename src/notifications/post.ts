/**
 * Posts a notification: signed, to a public address that was checked before the connection, with a deadline, following no redirect.
 */
import { Fault } from '../core/fault.ts'
import { checkedAddress } from '../image/fetch.ts'
import { publicAddresses } from '../image/public-address.ts'
import type { Notification } from '../model/notification.ts'

type RequestOptions = import('node:http').RequestOptions

export interface PostRequest {
  readonly url: string
  readonly notification: Notification
  /** Undefined sends no signature. */
  readonly secret: string | undefined
  /** Wall milliseconds, part of what is signed. */
  readonly now: number
  /** Addresses of this machine and its networks, and http, are allowed. */
  readonly allowPrivate: boolean
  readonly timeoutMs: number
  readonly signal: AbortSignal
}
/** Resolves when the receiver answered with 2xx; faults `invalid`, `unreachable`, `timeout`. */
export type Post = (request: PostRequest) => Promise<void>

/** The URL of a webhook. Fault `invalid` for what none can be. */
export function webhookUrl(text: string, allowPrivate: boolean): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (!url || !['https:', 'http:'].includes(url.protocol)) throw new Fault('invalid', 'the URL of a webhook begins with https://')
  if (url.protocol === 'http:' && !allowPrivate)
    throw new Fault('invalid', `${url.host} would get notifications unencrypted`, {
      hint: 'use https, or the setting webhookAllowPrivate',
    })
  if (url.username !== '' || url.password !== '')
    throw new Fault('invalid', `the URL of ${url.host} has a user or a password in it`, {
      hint: 'notifications are signed; the URL is no secret',
    })
  return url
}

/** `t=SECONDS,v1=HEX`: HMAC-SHA256 of the time, a dot and the body. */
export async function signatureOf(secret: string, now: number, body: string): Promise<string> {
  const { createHmac } = await import('node:crypto')
  const seconds = Math.floor(now / 1000)
  return `t=${seconds},v1=${createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex')}`
}

export const postJson: Post = async ({ url: text, notification, secret, now, allowPrivate, timeoutMs, signal }) => {
  const url = webhookUrl(text, allowPrivate)
  const isPublic = await publicAddresses()
  const to = await checkedAddress(url, { isAllowed: (address) => allowPrivate || isPublic(address) }).catch((error: unknown) => {
    if (!(error instanceof Fault) || error.kind !== 'invalid') throw error
    throw new Fault('invalid', error.message, { hint: 'the setting webhookAllowPrivate allows that', cause: error })
  })
  const body = JSON.stringify(notification)
  const headers = {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    'user-agent': 'novakit',
    'x-nova-event-type': notification.event_type,
    'x-nova-message-id': notification.message_id,
    ...(secret === undefined ? {} : { 'x-nova-signature': await signatureOf(secret, now, body) }),
  }
  const lookup: RequestOptions['lookup'] = (_, { all }, done) =>
    all === true ? done(null, [{ ...to }]) : done(null, to.address, to.family)
  const status = await sent(url, { method: 'POST', agent: false, headers, lookup, signal, timeout: timeoutMs }, body)
  if (status < 200 || status > 299) throw new Fault('unreachable', `${url.host} answered ${status}`)
}

async function sent(url: URL, options: RequestOptions, body: string): Promise<number> {
  const { request } = url.protocol === 'https:' ? await import('node:https') : await import('node:http')
  return new Promise((resolve, reject) => {
    const late = new Fault('timeout', `${url.host} did not answer within ${(options.timeout ?? 0) / 1000} s`)
    const post = request(url, options, (response) => {
      resolve(response.statusCode ?? 0)
      // What it says is not looked at.
      response.on('error', () => undefined)
      response.destroy()
    })
    post.once('timeout', () => post.destroy(late))
    post.once('error', (error) =>
      reject(error instanceof Fault ? error : new Fault('unreachable', `${url.host}: ${error.message}`, { cause: error })),
    )
    post.end(body)
  })
}
