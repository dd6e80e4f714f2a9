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

/** Thrown by a server that ends before it has an answer: another server of the topic gets the message. */
export class Requeue extends Error {}

/** A message that nobody could work. */
export interface DeadMessage {
  readonly id: string | null
  readonly topic: string
  /** The broker's word: `rejected` could not be read, `delivery_limit` outlived too many servers. */
  readonly reason: string
  /** The beginning of its body. */
  readonly body: string
}

/** The queues of a broker, for operators. */
export interface Queues {
  /** The queues of these topics that exist, and those of failures. */
  list(topics: readonly string[]): Promise<{ readonly name: string; readonly messages: number; readonly consumers: number }[]>
  /** The oldest dead messages; they stay. */
  peek(limit: number): Promise<DeadMessage[]>
  /** Puts dead messages back into their queues, of the oldest `limit` those with these ids, or all. */
  retry(ids: readonly string[] | undefined, limit: number): Promise<DeadMessage[]>
}

/** Messages that had no effect, since the process began. */
export interface BusCounts {
  /** Requests that came again; they got the answer of the first. */
  readonly repeated: number
  /** Requests that could not be read. */
  readonly unreadable: number
  /** Answers that came when nobody waited for them any more. */
  readonly late: number
}

export interface Bus {
  /** Sends a message and waits for its answer, plain JSON or bytes; faults of the server come back as faults. */
  request(topic: string, message: BusMessage, options: RequestOptions): Promise<unknown>
  /** Serves a topic; the returned function stops serving. */
  serve(topic: string, serve: Serve): () => void
  /** Sends a message that nobody answers; resolves when the broker has it. A bus without a broker has none. */
  publish?(topic: string, message: unknown, id: string): Promise<void>
  /** The version of the messages that this process sends; clamped to those that it reads. A bus inside one process has none. */
  speak?(version: number): void
  readonly speaks?: number
  readonly counts: BusCounts
  close(): Promise<void>
}
