/** What every progress display has, and how it says bytes. */
import type { ProgressEvent } from '../core/ports.ts'
import { bytes } from './columns.ts'

export interface Progress {
  sink(event: ProgressEvent): void
  /** Leaves the terminal as a line-oriented program expects it. */
  stop(): Promise<void>
}

/** `3.2 MB of 13 MB (25 %)`. */
export const bytesText = (done: number, total: number | undefined) =>
  total ? `${bytes(done)} of ${bytes(total)} (${Math.floor((done / total) * 100)} %)` : bytes(done)
