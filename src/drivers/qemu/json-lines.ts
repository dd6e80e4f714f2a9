/** JSON objects, one a line, over a stream whose other end nobody trusts: bounded lines, bounded waits. */
import type { Duplex } from 'node:stream'
import { Fault } from '../../core/fault.ts'
import type { Clock } from '../../core/ports.ts'

/** A message of the peer; its fields are still unchecked. */
export type Message = ReadonlyMap<string, unknown>

const longestLine = 1024 * 1024
const mostUnread = 10_000
const lineFeed = 0x0a

/** One connection. Faults: `timeout`, `unreachable` when the peer closed, `internal` when it broke the protocol. */
export class JsonLines {
  readonly #stream: Duplex
  readonly #clock: Clock
  readonly #peer: string
  readonly #messages: Message[] = []
  #partial: Buffer[] = []
  #partialSize = 0
  #fault: Fault | undefined
  #wake: () => void = () => {}

  /** `peer` is what faults call the other end. */
  constructor(stream: Duplex, clock: Clock, peer: string) {
    this.#stream = stream
    this.#clock = clock
    this.#peer = peer
    stream.on('data', (chunk: Buffer) => this.#take(chunk))
    stream.on('error', (cause) =>
      this.#fail(new Fault('unreachable', `${peer} broke the connection: ${cause.message}`, { cause })),
    )
    stream.on('close', () => this.#fail(new Fault('unreachable', `${peer} closed the connection`)))
    stream.on('end', () => this.#fail(new Fault('unreachable', `${peer} closed the connection`)))
  }

  send(message: object): void {
    this.#stream.write(`${JSON.stringify(message)}\n`)
  }

  /** The next message, or a `timeout` fault after `ms` naming `purpose`. */
  async next(ms: number, purpose: string): Promise<Message> {
    const deadline = this.#clock.deadline(ms)
    for (;;) {
      const message = this.#messages.shift()
      if (message) return message
      if (this.#fault) throw this.#fault
      if (deadline.aborted) throw new Fault('timeout', `${this.#peer} did not answer ${purpose} within ${ms} ms`)
      await this.#something(deadline)
    }
  }

  close(): void {
    this.#fault ??= new Fault('unreachable', `the connection to ${this.#peer} is closed`)
    this.#stream.destroy()
  }

  #something(deadline: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        deadline.removeEventListener('abort', wake)
        this.#wake = () => {}
        resolve()
      }
      this.#wake = wake
      deadline.addEventListener('abort', wake)
    })
  }

  #fail(fault: Fault): void {
    this.#fault ??= fault
    this.#wake()
  }

  #take(chunk: Buffer): void {
    let start = 0
    for (let end = chunk.indexOf(lineFeed); end !== -1; end = chunk.indexOf(lineFeed, start)) {
      this.#line(Buffer.concat([...this.#partial, chunk.subarray(start, end)]))
      this.#partial = []
      this.#partialSize = 0
      start = end + 1
    }
    this.#partial.push(chunk.subarray(start))
    this.#partialSize += chunk.length - start
    if (this.#partialSize > longestLine) this.#break(`sent a line of more than ${longestLine} bytes`)
    this.#wake()
  }

  #line(bytes: Buffer): void {
    if (this.#fault || bytes.length === 0) return
    if (bytes.length > longestLine) {
      this.#break(`sent a line of ${bytes.length} bytes, the limit is ${longestLine}`)
      return
    }
    const message = parseMessage(bytes)
    if (message === undefined) this.#break('sent a line that is not a JSON object')
    else this.#messages.push(message)
    if (this.#messages.length > mostUnread) this.#break(`sent more than ${mostUnread} messages that nobody asked for`)
  }

  #break(obstacle: string): void {
    this.#fail(new Fault('internal', `${this.#peer} ${obstacle}`))
    this.#partial = []
    this.#stream.destroy()
  }
}

// The guest agent marks a fresh start with the byte 0xff, which is no text.
function parseMessage(bytes: Buffer): Message | undefined {
  try {
    return fieldsOf(JSON.parse(bytes.subarray(bytes[0] === 0xff ? 1 : 0).toString('utf8')))
  } catch {
    return undefined
  }
}

/** The fields of a JSON object, or undefined when the value is something else. */
export function fieldsOf(value: unknown): Message | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
  return new Map<string, unknown>(Object.entries(value))
}
