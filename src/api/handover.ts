/** Chunks from one side to the other, one at a time: who gives waits until it was taken. */
import type { Fault } from '../core/fault.ts'

export interface Handover {
  /** Resolves when the chunk was taken; rejects when nobody will. */
  give(chunk: Uint8Array): Promise<void>
  /** The next chunk; undefined after the last. */
  take(): Promise<Uint8Array | undefined>
  /** No more will be given. */
  finish(): void
  /** Nobody takes any more. */
  fail(reason: Fault): void
}

export function handover(): Handover {
  let offered: { readonly chunk: Uint8Array; readonly taken: () => void; readonly refused: (reason: Fault) => void } | undefined
  let waiting: ((chunk: Uint8Array | undefined) => void) | undefined
  let failure: Fault | undefined
  let isOver = false

  return {
    give(chunk) {
      if (failure) return Promise.reject(failure)
      const next = waiting
      if (next) {
        waiting = undefined
        next(chunk)
        return Promise.resolve()
      }
      return new Promise((taken, refused) => {
        offered = { chunk, taken, refused }
      })
    },
    async take() {
      if (offered) {
        const { chunk, taken } = offered
        offered = undefined
        taken()
        return chunk
      }
      if (isOver) return undefined
      return new Promise((resolve) => {
        waiting = resolve
      })
    },
    finish() {
      isOver = true
      waiting?.(undefined)
    },
    fail(reason) {
      failure = reason
      isOver = true
      offered?.refused(reason)
      waiting?.(undefined)
    },
  }
}
