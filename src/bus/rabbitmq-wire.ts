/** Messages as they travel: JSON bodies, and properties that say which message it is, how long it is worth something, and whom to answer. */
import type { ConsumeMessage, Message } from 'amqplib'
import type { FaultRecord } from '../core/fault.ts'
import type { BusMessage } from './bus.ts'

/** Grows when older programs cannot read the messages any more. */
export const wireVersion = 1

export interface WireRequest {
  readonly id: string
  readonly message: BusMessage
  readonly replyTo: string | undefined
  readonly deadlineMs: number
}

/** What comes to a process's own queue. */
export type WireNotice =
  | { readonly kind: 'answer'; readonly id: string; readonly body: Answer }
  | { readonly kind: 'progress'; readonly id: string; readonly body: unknown }
  | { readonly kind: 'cancel'; readonly id: string }

export type Answer = { readonly result: unknown } | { readonly fault: FaultRecord }

export const encode = (body: unknown) => Buffer.from(JSON.stringify(body ?? null))

/** The request in a delivery, or undefined when it is none that this version can read. */
export function readRequest({ content, properties }: Message): WireRequest | undefined {
  const { messageId, replyTo, headers = {} } = properties
  const deadlineMs: unknown = headers['deadline-ms']
  if (typeof messageId !== 'string' || headers.version !== wireVersion || typeof deadlineMs !== 'number') return undefined
  const body = parsed(content)
  if (typeof body !== 'object' || body === null || !('method' in body) || typeof body.method !== 'string') return undefined
  const message = { method: body.method, args: 'args' in body ? body.args : null }
  return { id: messageId, message, replyTo: typeof replyTo === 'string' ? replyTo : undefined, deadlineMs }
}

/** The notice in a delivery, or undefined for what is none. */
export function readNotice({ content, properties }: ConsumeMessage): WireNotice | undefined {
  const { type, correlationId: id } = properties
  if (typeof id !== 'string') return undefined
  if (type === 'cancel') return { kind: 'cancel', id }
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
