/** Messages as they travel: JSON bodies, or bytes as they are for answers that are bytes, and properties that say which message it is, how long it is worth something, and whom to answer. */
import type { ConsumeMessage, Message } from 'amqplib'
import { Fault, type FaultRecord } from '../core/fault.ts'
import type { BusMessage } from './bus.ts'

/**
 * Grows when a program that reads the version before cannot read the messages. A program reads its own version and the one before,
 * and sends the one that it is told all others read. 1: requests and notices. 2: a service's report says what it understands.
 */
export const wireVersion = 2

/** The oldest version that a program of the newest version `known` reads. */
export const oldestRead = (known: number) => Math.max(1, known - 1)

export interface WireRequest {
  readonly id: string
  readonly message: BusMessage
  readonly replyTo: string | undefined
  readonly deadlineMs: number
  /** Whether the caller looks at what is reported on the way. */
  readonly wantsProgress: boolean
  /** Why it is answered without being worked: its version. */
  readonly refusal: Fault | undefined
}

/** What comes to a process's own queue. */
export type WireNotice =
  | { readonly kind: 'answer'; readonly id: string; readonly body: Answer }
  | { readonly kind: 'progress'; readonly id: string; readonly body: unknown }
  | { readonly kind: 'cancel'; readonly id: string }

export type Answer = { readonly result: unknown } | { readonly fault: FaultRecord }

export const jsonType = 'application/json'
const bytesType = 'application/octet-stream'

export interface AnswerBody {
  readonly content: Buffer
  readonly contentType: string
}

export const encode = (body: unknown) => Buffer.from(JSON.stringify(body ?? null))

/** An answer as it travels: bytes as they are, everything else as JSON. */
export function contentOf(answer: Answer): AnswerBody {
  if (!('result' in answer) || !(answer.result instanceof Uint8Array)) return { content: encode(answer), contentType: jsonType }
  const { buffer, byteOffset, byteLength } = answer.result
  return { content: Buffer.from(buffer, byteOffset, byteLength), contentType: bytesType }
}

/** The request in a delivery, or undefined when it is none that can be read or answered; `known` is the newest version. */
export function readRequest({ content, properties }: Message, known = wireVersion): WireRequest | undefined {
  const { messageId, replyTo } = properties
  const headers: Readonly<Record<string, unknown>> = { ...properties.headers }
  const { version, 'deadline-ms': deadlineMs } = headers
  if (typeof messageId !== 'string' || typeof deadlineMs !== 'number') return undefined
  if (typeof version !== 'number' || !Number.isInteger(version)) return undefined
  const refusal = version > known || version < oldestRead(known) ? unread(version, known) : undefined
  if (refusal && typeof replyTo !== 'string') return undefined
  const body = parsed(content)
  if (typeof body !== 'object' || body === null || !('method' in body) || typeof body.method !== 'string') return undefined
  const message = { method: body.method, args: 'args' in body ? body.args : null }
  const to = typeof replyTo === 'string' ? replyTo : undefined
  return { id: messageId, message, replyTo: to, deadlineMs, wantsProgress: headers.quiet !== true, refusal }
}

const unread = (version: number, known: number) =>
  new Fault('unsupported', `a message of version ${version} came to a service that reads ${oldestRead(known)} to ${known}`, {
    hint: 'start the older service again with the newer program: nova daemon upgrade --plan',
  })

/** The notice in a delivery, or undefined for what is none. */
export function readNotice({ content, properties }: ConsumeMessage): WireNotice | undefined {
  const { type, correlationId: id } = properties
  if (typeof id !== 'string') return undefined
  if (type === 'cancel') return { kind: 'cancel', id }
  if (type === 'answer' && properties.contentType === bytesType) return { kind: 'answer', id, body: { result: content } }
  const body = parsed(content)
  if (type === 'progress') return { kind: 'progress', id, body }
  if (type !== 'answer' || typeof body !== 'object' || body === null || !('result' in body || 'fault' in body)) return undefined
  return { kind: 'answer', id, body: body as Answer }
}

function parsed(content: Buffer): unknown {
  try {
    return JSON.parse(content.toString('utf8'))
  } catch {
    return undefined
  }
}
