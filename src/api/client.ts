/** The client's side of JSON-RPC, over anything that carries lines: calls by id, progress while they run, faults as faults. */
import { Fault, type FaultRecord, faultFrom, faultKinds } from '../core/fault.ts'
import type { ProgressEvent } from '../core/ports.ts'

/** One call under way. */
interface Waiting {
  readonly resolve: (value: unknown) => void
  readonly reject: (fault: Fault) => void
  readonly progress: ((event: ProgressEvent) => void) | undefined
}

/** A message that came in; its form is judged field by field. */
interface Incoming {
  readonly id?: unknown
  readonly method?: unknown
  readonly params?: { readonly id?: unknown; readonly event?: ProgressEvent }
  readonly result?: unknown
  readonly error?: { readonly code?: unknown; readonly message?: unknown; readonly data?: unknown }
}

export interface RpcClient {
  call(method: string, params: object, progress?: (event: ProgressEvent) => void): Promise<unknown>
  /** A line that came in. */
  take(line: string): void
  /** Ends all calls with this fault. */
  fail(fault: Fault): void
}

/** A client that sends lines with `send` and is given what comes in by `take`. */
export function rpcClient(send: (line: string) => void): RpcClient {
  const waiting = new Map<number, Waiting>()
  let last = 0

  function settle({ id, result, error }: Incoming): void {
    const call = typeof id === 'number' ? waiting.get(id) : undefined
    if (!call) {
      // An answer without an id is about the connection itself: every call on it has failed.
      if (error) fail(faultOf(error))
      return
    }
    waiting.delete(id as number)
    if (error) call.reject(faultOf(error))
    else call.resolve(result)
  }

  function fail(fault: Fault): void {
    for (const call of waiting.values()) call.reject(fault)
    waiting.clear()
  }

  return {
    fail,
    call(method, params, progress) {
      last += 1
      const id = last
      const line = JSON.stringify({ jsonrpc: '2.0', id, method, params })
      return new Promise((resolve, reject) => {
        waiting.set(id, { resolve, reject, progress })
        send(line)
      })
    },
    take(line) {
      const message = JSON.parse(line) as Incoming
      if (message.method !== 'progress') return settle(message)
      const { id, event } = message.params ?? {}
      if (typeof id === 'number' && event) waiting.get(id)?.progress?.(event)
    },
  }
}

/** The fault behind an error member; one that is none of ours keeps its code. */
export function faultOf({
  code,
  message,
  data,
}: {
  readonly code?: unknown
  readonly message?: unknown
  readonly data?: unknown
}): Fault {
  if (isFaultRecord(data)) return faultFrom(data)
  const kind = code === -32601 ? 'unsupported' : code === -32008 ? 'unreachable' : 'invalid'
  return new Fault(kind, String(message ?? 'the daemon refused the call'))
}

const isFaultRecord = (value: unknown): value is FaultRecord =>
  typeof value === 'object' &&
  value !== null &&
  'kind' in value &&
  'message' in value &&
  typeof value.message === 'string' &&
  faultKinds.some((kind) => kind === value.kind)
