/**
 * Where ids stand in a snapshot: a hash table of numbers. A Map of as many strings takes ten times the memory, stops the
 * process while it grows, and each garbage collection looks at all of it.
 */
export class IdSlots {
  /** 0 is free; else a position and one. */
  readonly #slots: Int32Array
  readonly #mask: number
  readonly #idAt: (seq: number) => string

  /** For at most `count` ids; `idAt` tells the id of a position that was added. */
  constructor(count: number, idAt: (seq: number) => string) {
    const size = 2 ** Math.ceil(Math.log2(Math.max(1, count) * 2))
    this.#slots = new Int32Array(size)
    this.#mask = size - 1
    this.#idAt = idAt
  }

  /** Ids come once each. */
  add(id: string, seq: number): void {
    let at = hashOf(id) & this.#mask
    while (this.#slots[at] !== 0) at = (at + 1) & this.#mask
    this.#slots[at] = seq + 1
  }

  /** The position of an id, or -1. */
  find(id: string): number {
    for (let at = hashOf(id) & this.#mask; ; at = (at + 1) & this.#mask) {
      const seq = (this.#slots[at] ?? 0) - 1
      if (seq < 0 || this.#idAt(seq) === id) return seq
    }
  }
}

/** FNV-1a over UTF-16 code units, mixed at the end: ids of one kind differ in few places. */
function hashOf(id: string): number {
  let hash = 0x811c9dc5
  for (let at = 0; at < id.length; at += 1) hash = Math.imul(hash ^ id.charCodeAt(at), 0x01000193)
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d)
  return (hash ^ (hash >>> 13)) >>> 0
}
