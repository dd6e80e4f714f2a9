/** Every kind of failure a caller can act on. Each façade maps kinds by a table that must cover all of them. */
export const faultKinds = [
  'invalid',
  'not-found',
  'exists',
  'conflict',
  'forbidden',
  'unauthenticated',
  'over-quota',
  'no-valid-host',
  'unreachable',
  'unsupported',
  'timeout',
  'internal',
] as const
export type FaultKind = (typeof faultKinds)[number]

export interface FaultOptions {
  /** What to do next, as one short line. */
  readonly hint?: string
  /** Machine-readable facts behind the message (numbers, candidates, the explain matrix). */
  readonly details?: unknown
  readonly cause?: unknown
}

/** The one error class. The message names the object and the obstacle, in lower case, with numbers. */
export class Fault extends Error {
  override readonly name = 'Fault'
  readonly kind: FaultKind
  readonly hint: string | undefined
  readonly details: unknown

  constructor(kind: FaultKind, message: string, options: FaultOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.kind = kind
    this.hint = options.hint
    this.details = options.details
  }

  toJSON(): FaultRecord {
    return {
      kind: this.kind,
      message: this.message,
      ...(this.hint === undefined ? {} : { hint: this.hint }),
      ...(this.details === undefined ? {} : { details: this.details }),
    }
  }
}

/** A fault as it travels over a bus or is kept in a record. */
export interface FaultRecord {
  readonly kind: FaultKind
  readonly message: string
  readonly hint?: string
  readonly details?: unknown
}

/** The fault that `error` is, or an `internal` one that keeps it as cause. */
export function asFault(error: unknown): Fault {
  if (error instanceof Fault) return error
  const message = error instanceof Error ? error.message : String(error)
  return new Fault('internal', message, { cause: error })
}

/** Rebuilds a fault from its travelling form. */
export function faultFrom(record: FaultRecord): Fault {
  return new Fault(record.kind, record.message, record)
}
