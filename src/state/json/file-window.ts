/** Reads pieces of a file; neighbours come from one aligned window, lone pieces by one exact read. */
import type { Fs } from '../../core/ports.ts'

const windowBytes = 128 * 1024
/** A piece this near to the one before is part of a scan. */
const nearBytes = 16 * 1024

export class FileWindow {
  readonly #fs: Fs
  readonly #fd: number
  readonly #size: number
  #start = 0
  #window: Buffer = Buffer.alloc(0)
  #last = Number.NEGATIVE_INFINITY

  constructor(fs: Fs, fd: number, size: number) {
    this.#fs = fs
    this.#fd = fd
    this.#size = size
  }

  /** Up to `length` bytes at `offset`, newline excluded; fewer when the file is shorter. */
  bytes(offset: number, length: number): Buffer {
    const isNear = Math.abs(offset - this.#last) <= nearBytes
    this.#last = offset
    if (!this.#holds(offset, length)) {
      if (!isNear) return this.#read(offset, length)
      this.#start = offset - (offset % windowBytes)
      const end = Math.max(this.#start + windowBytes, offset + length)
      this.#window = this.#read(this.#start, Math.min(end, this.#size) - this.#start)
    }
    return this.#window.subarray(offset - this.#start, offset - this.#start + length)
  }

  #holds(offset: number, length: number): boolean {
    return offset >= this.#start && offset + length <= this.#start + this.#window.length
  }

  #read(offset: number, length: number): Buffer {
    const bytes = Buffer.allocUnsafe(Math.max(0, length))
    return bytes.subarray(0, this.#fs.read(this.#fd, bytes, offset))
  }
}
