/** Cuts a byte stream into frames, one a line; a line longer than the limit is an error, not a promise of memory. */

export class FrameTooLong extends Error {}

/** Takes chunks and gives complete lines; empty lines are left out. */
export class Frames {
  readonly #most: number
  #parts: Buffer[] = []
  #bytes = 0

  constructor(most: number) {
    this.#most = most
  }

  /** True when a frame has begun and not ended. */
  get isOpen(): boolean {
    return this.#bytes > 0
  }

  /** The frames that `chunk` completes. `FrameTooLong` when one is over the limit. */
  take(chunk: Buffer): string[] {
    const frames: string[] = []
    let start = 0
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, start)) {
      this.#keep(chunk.subarray(start, end))
      const text = Buffer.concat(this.#parts).toString('utf8').trim()
      this.#parts = []
      this.#bytes = 0
      if (text !== '') frames.push(text)
      start = end + 1
    }
    this.#keep(chunk.subarray(start))
    return frames
  }

  #keep(part: Buffer): void {
    if (part.length === 0) return
    this.#bytes += part.length
    if (this.#bytes > this.#most) throw new FrameTooLong(`a frame is longer than ${this.#most} bytes`)
    this.#parts.push(part)
  }
}
