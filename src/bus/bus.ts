/** Messages between the parts of Nova. Topics: `conductor`, `scheduler`, `compute.<host>`. */
export interface BusMessage {
  readonly method: string
  readonly args: unknown
}

export interface RequestOptions {
  /** Milliseconds until the request fails with `timeout`. */
  readonly deadlineMs: number
  readonly signal?: AbortSignal
  /** What the server reports before it answers, in order; plain JSON. */
  readonly onProgress?: (report: unknown) => void
}

/** Tells the caller how far the work is. */
export type Report = (report: unknown) => void

export type Serve = (message: BusMessage, signal: AbortSignal, report: Report) => Promise<unknown>

export interface Bus {
  /** Sends a message and waits for its answer; faults of the server come back as faults. */
  request(topic: string, message: BusMessage, options: RequestOptions): Promise<unknown>
  /** Serves a topic; the returned function stops serving. */
  serve(topic: string, serve: Serve): () => void
  close(): Promise<void>
}
