/** JSON-RPC 2.0 messages: what may come in, checked, and what goes out. */
import { Fault } from '../core/fault.ts'
import { object, parse, slug, text, z } from '../core/schema.ts'
import { faultCodes, messageCodes } from './fault-codes.ts'
import { limits } from './limits.ts'

export type CallId = string | number | null

/** What a call may say about itself beside the action's input, in the member `$call` of its params. */
const meta = object({
  plan: z.boolean().optional().describe('write down the steps, change nothing'),
  at: text(64).optional().describe('a time or a revision of the past to read'),
  requestId: slug(64).optional().describe('what records, logs and the audit call it; made when left out'),
  progress: z.boolean().optional().describe('send notifications about the steps'),
  userId: text().optional().describe('for whom it is done; over the socket only'),
  projectId: text().optional().describe('in which project; another than that of the token for administrators only'),
  roles: z
    .array(z.enum(['reader', 'member', 'admin']))
    .max(3)
    .optional()
    .describe('with which roles, of those that the caller has'),
})
export type CallMeta = z.infer<typeof meta>
export const metaSchema = meta

export interface RpcCall {
  /** Undefined for a notification: it gets no answer. */
  readonly id: CallId | undefined
  readonly method: string
  readonly params: Readonly<Record<string, unknown>>
  readonly meta: CallMeta
}

/** What is wrong with a message, beside the id that its answer carries. */
export class BadMessage extends Error {
  readonly id: CallId
  readonly code: number
  constructor(code: number, message: string, id: CallId = null) {
    super(message)
    this.code = code
    this.id = id
  }
}

/** The JSON of a frame. `BadMessage` -32700 for bytes that are not JSON, -32600 when it is nested too deeply. */
export function parseFrame(frame: string): unknown {
  let value: unknown
  try {
    value = JSON.parse(frame)
  } catch {
    throw new BadMessage(messageCodes.parse, 'the frame is not JSON')
  }
  if (isDeeper(value, limits.depth))
    throw new BadMessage(messageCodes.request, `the message has more than ${limits.depth} levels`)
  return value
}

/** True when arrays and objects in `value` are nested deeper than `most`; looks without recursion. */
function isDeeper(value: unknown, most: number): boolean {
  let level: unknown[] = [value]
  for (let depth = 0; level.length > 0; depth++) {
    const inner = level.filter((item) => typeof item === 'object' && item !== null)
    if (inner.length > 0 && depth >= most) return true
    level = inner.flatMap((item) => Object.values(Object(item)))
  }
  return false
}

/** The calls of a message, each one checked by itself. */
export function callsOf(message: unknown): { readonly isBatch: boolean; readonly items: readonly unknown[] } {
  if (!Array.isArray(message)) return { isBatch: false, items: [message] }
  if (message.length === 0) throw new BadMessage(messageCodes.request, 'the batch is empty')
  if (message.length > limits.batch)
    throw new BadMessage(messageCodes.request, `the batch has ${message.length} calls, the limit is ${limits.batch}`)
  return { isBatch: true, items: message }
}

/** One call; `BadMessage` -32600 for a wrong form. */
export function readCall(item: unknown): RpcCall {
  const { id, jsonrpc, method, params = {} } = typeof item === 'object' && item !== null ? (item as Record<string, unknown>) : {}
  if (id !== undefined && !isId(id)) throw new BadMessage(messageCodes.request, 'id must be a short string, a number or null')
  const known = id ?? null
  if (jsonrpc !== '2.0') throw new BadMessage(messageCodes.request, 'jsonrpc must be "2.0"', known)
  if (typeof method !== 'string' || method.length === 0 || method.length > 128)
    throw new BadMessage(messageCodes.request, 'method must be a string of at most 128 characters', known)
  if (typeof params !== 'object' || params === null || Array.isArray(params))
    throw new BadMessage(faultCodes.invalid.rpc, 'params must be an object: parameters have names', known)
  const { $call: said, ...rest } = params as Record<string, unknown>
  return { id, method, params: rest, meta: readMeta(said, known) }
}

const isId = (id: unknown): id is CallId =>
  id === null || (typeof id === 'string' && id.length <= 255) || (typeof id === 'number' && Number.isFinite(id))

function readMeta(said: unknown, id: CallId): CallMeta {
  if (said === undefined) return {}
  try {
    return parse(meta, said)
  } catch (error) {
    throw new BadMessage(faultCodes.invalid.rpc, `$call: ${error instanceof Fault ? error.message : 'wrong form'}`, id)
  }
}

export const resultText = (id: CallId, result: unknown) => JSON.stringify({ jsonrpc: '2.0', id, result: result ?? null })

/** The answer for a fault: code by kind, the fault itself and the request id as data. */
export const faultText = (id: CallId, fault: Fault, requestId: string) =>
  JSON.stringify({
    jsonrpc: '2.0',
    id,
    error: { code: faultCodes[fault.kind].rpc, message: fault.message, data: { ...fault.toJSON(), requestId } },
  })

export const badText = ({ id, code, message }: BadMessage) => JSON.stringify({ jsonrpc: '2.0', id, error: { code, message } })

/** A message of the daemon's own accord. */
export const noticeText = (method: string, params: unknown) => JSON.stringify({ jsonrpc: '2.0', method, params })
