/** How a fault looks outside: its JSON-RPC code and its HTTP status. Covers every kind, or it does not compile. */
import type { Fault, FaultKind } from '../core/fault.ts'

interface Codes {
  readonly rpc: number
  readonly http: number
}

export const faultCodes: Record<FaultKind, Codes> = {
  invalid: { rpc: -32602, http: 400 },
  internal: { rpc: -32603, http: 500 },
  unauthenticated: { rpc: -32001, http: 401 },
  forbidden: { rpc: -32002, http: 403 },
  'not-found': { rpc: -32003, http: 404 },
  exists: { rpc: -32004, http: 409 },
  conflict: { rpc: -32005, http: 409 },
  'over-quota': { rpc: -32006, http: 413 },
  'no-valid-host': { rpc: -32007, http: 409 },
  unreachable: { rpc: -32008, http: 503 },
  unsupported: { rpc: -32009, http: 501 },
  timeout: { rpc: -32010, http: 504 },
}

/** Codes of JSON-RPC 2.0 for what is wrong with a message itself. */
export const messageCodes = { parse: -32700, request: -32600, method: -32601 } as const

/** Seconds after which a refused caller should come again, when the fault says so. */
export function retryAfterOf(fault: Fault): number | undefined {
  const seconds: unknown = Reflect.get(Object(fault.details), 'retryAfterSeconds')
  return typeof seconds === 'number' ? seconds : undefined
}
