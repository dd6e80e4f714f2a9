/** The HTTPS door: `POST /rpc` with a bearer token; with `Accept: application/x-ndjson` progress comes before the answer. */

import { X509Certificate } from 'node:crypto'
import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { isIP } from 'node:net'
import { type FastifyReply, type FastifyRequest, fastify } from 'fastify'
import { asFault, Fault } from '../core/fault.ts'
import type { Authenticator } from './authenticate.ts'
import type { Dispatcher } from './dispatcher.ts'
import { faultCodes, retryAfterOf } from './fault-codes.ts'
import { limits } from './limits.ts'
import type { ApiLog } from './log.ts'
import { faultText } from './message.ts'
import { bearerAs, type Peer, type Who } from './peer.ts'
import type { Door } from './socket-door.ts'

export interface HttpsDoorOptions {
  /** ADDRESS:PORT. */
  readonly listen: string
  /** PEM text. */
  readonly certificate: string
  readonly key: string
  readonly dispatcher: Dispatcher
  readonly authenticator: Authenticator
  readonly log: ApiLog
  readonly maxConnections: number
  readonly idleSeconds: number
  /** Milliseconds that a client may take for the head, and for the body, of a request; 30 s by default. */
  readonly requestMs?: number
  /** Milliseconds that a client may take nothing of its answer. */
  readonly stallMs?: number
}

const minVersion = 'TLSv1.2'

/** A door that can change its certificate while it is open. */
export interface HttpsDoor extends Door {
  /** For connections from now on. Throws for what is no pair; the old one then stays. */
  renew(pair: Pick<HttpsDoorOptions, 'certificate' | 'key'>): void
}

export async function openHttpsDoor(options: HttpsDoorOptions): Promise<HttpsDoor> {
  const { certificate, key, requestMs = limits.stallMs } = options
  let names = certifiedNames(certificate)
  const app = fastify({
    // Node looks for late requests in intervals of its own.
    https: { cert: certificate, key, minVersion, connectionsCheckingInterval: requestMs / 4 },
    bodyLimit: limits.frameBytes,
    requestTimeout: requestMs,
    keepAliveTimeout: options.idleSeconds * 1000,
    logger: false,
    forceCloseConnections: true,
  })
  // Also those that never came to a request: the server would wait for them.
  const sockets = new Set<Socket>()
  app.server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  app.server.maxConnections = options.maxConnections
  app.server.headersTimeout = requestMs
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (_request, body, done) => done(null, body))
  app.setErrorHandler((error, _request, reply) => refuse(reply, badRequest(error), statusOf(error)))
  app.setNotFoundHandler((_request, reply) => refuse(reply, new Fault('not-found', 'there is only POST /rpc'), 404))
  app.addHook('onRequest', async (request, reply) => {
    // A page whose name was bound to this address calls it by that name: a certificate of ours does not have it.
    if (!names.has(request.headers.host)) return refuse(reply, new Fault('invalid', 'the Host is none of this door'), 421)
    return undefined
  })
  app.get('/healthz', async () => ({ ok: true }))
  app.post('/rpc', (request, reply) => serve(request, reply, options))
  const { host, port } = addressOf(options.listen)
  await app.listen({ host, port })
  return {
    stopListening: () => void app.server.close(),
    close: async () => {
      const closed = app.close()
      for (const socket of sockets) socket.destroy()
      await closed
    },
    renew(pair) {
      const next = certifiedNames(pair.certificate)
      app.server.setSecureContext({ cert: pair.certificate, key: pair.key, minVersion })
      names = next
    },
    get connections() {
      return sockets.size
    },
  }
}

/** The names for which a certificate stands. Throws for text that is no certificate. */
function certifiedNames(pem: string) {
  const certificate = new X509Certificate(pem)
  return {
    has(host: string | undefined): boolean {
      const [, address, name = ''] = /^(?:\[([\da-f:.]{2,45})\]|([^:]{1,253}))(?::\d{1,5})?$/i.exec(host ?? '') ?? []
      const ip = address ?? (isIP(name) > 0 ? name : undefined)
      return ip === undefined ? name !== '' && certificate.checkHost(name) !== undefined : certificate.checkIP(ip) !== undefined
    },
  }
}

/** Splits ADDRESS:PORT; an `invalid` fault names what it cannot read. */
export function addressOf(listen: string): { readonly host: string; readonly port: number } {
  const [, host = '', port = ''] = /^\[?([^\]]+?)\]?:(\d{1,5})$/.exec(listen) ?? []
  if (host === '' || Number(port) > 65_535) throw new Fault('invalid', `"${listen}" is not ADDRESS:PORT`)
  return { host, port: Number(port) }
}

async function serve(request: FastifyRequest, reply: FastifyReply, options: HttpsDoorOptions): Promise<unknown> {
  // Browsers send Origin; nothing that a page can make a browser do may reach this door.
  if (request.headers.origin !== undefined) return refuse(reply, new Fault('forbidden', 'pages may not call this door'))
  let who: Who
  try {
    who = await options.authenticator.whoIs(request.headers.authorization, request.ip)
  } catch (error) {
    const fault = asFault(error)
    options.log.warn({ door: 'https', address: request.ip, reason: fault.message }, 'unauthenticated')
    return refuse(reply, fault)
  }
  const isStream = request.headers.accept === 'application/x-ndjson'
  let refused: Fault | undefined
  const peer: Peer = {
    door: 'https',
    callerOf: bearerAs(who),
    calls: new Map(),
    notify: (text) => (isStream ? writeLine(reply.raw, text) : undefined),
    refused: (fault) => {
      refused = fault
    },
  }
  reply.raw.once('close', () => {
    if (!reply.raw.writableFinished) for (const call of peer.calls.values()) call.abort(new Error('the client has gone'))
  })
  const body = String(request.body)
  if (isStream) return stream(reply, options.dispatcher.answer(body, peer), options)
  const answer = await options.dispatcher.answer(body, peer)
  if (answer === undefined) return reply.code(204).send()
  if (refused && !answer.startsWith('[')) withStatus(reply, refused)
  needReader(reply.raw, options)
  return reply.type('application/json').send(answer)
}

async function stream(
  reply: FastifyReply,
  answer: Promise<string | undefined>,
  options: Pick<HttpsDoorOptions, 'stallMs'>,
): Promise<void> {
  reply.hijack()
  reply.raw.writeHead(200, { 'content-type': 'application/x-ndjson', 'cache-control': 'no-store' })
  reply.raw.flushHeaders()
  const last = (await answer) ?? ''
  needReader(reply.raw, options)
  writeLine(reply.raw, last)
  reply.raw.end()
}

/** A client that takes nothing of its answer for too long loses its connection; the server sets its own time for the next request. */
function needReader({ socket }: ServerResponse, { stallMs = limits.stallMs }: Pick<HttpsDoorOptions, 'stallMs'>): void {
  socket?.setTimeout(stallMs)
}

/** A reader that is too far behind loses its connection. */
function writeLine(raw: ServerResponse, text: string): void {
  if (raw.writableLength > limits.outgoingBytes) raw.destroy()
  else raw.write(`${text}\n`)
}

function withStatus(reply: FastifyReply, fault: Fault): void {
  const retryAfter = retryAfterOf(fault)
  if (retryAfter !== undefined) void reply.header('retry-after', String(retryAfter))
  const tooMany = (fault.kind === 'unauthenticated' || fault.kind === 'over-quota') && retryAfter !== undefined
  void reply.code(tooMany ? 429 : faultCodes[fault.kind].http)
}

function refuse(reply: FastifyReply, fault: Fault, status?: number) {
  withStatus(reply, fault)
  if (status !== undefined) void reply.code(status)
  if (fault.kind === 'unauthenticated') void reply.header('www-authenticate', 'Bearer')
  return reply.type('application/json').send(faultText(null, fault, ''))
}

function statusOf(error: unknown): number {
  const status: unknown = Reflect.get(Object(error), 'statusCode')
  return typeof status === 'number' ? status : 500
}

function badRequest(error: unknown): Fault {
  const status = statusOf(error)
  if (status === 413) return new Fault('invalid', `the body is larger than ${limits.frameBytes} bytes`)
  if (status === 415) return new Fault('invalid', 'the body must be application/json')
  return new Fault(status < 500 ? 'invalid' : 'internal', 'the request cannot be read')
}
