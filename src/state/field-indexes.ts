/** The indexes that a table keeps in memory. Each is filled piece by piece; changes are applied to it from its first moment on. */
import { FieldIndex } from './field-index.ts'
import { fieldOf } from './matching.ts'
import type { Item } from './record.ts'

interface Filled {
  readonly index: FieldIndex
  /** What is left of filling it; forgotten when it is full, as it holds the table on which it began. */
  rest: Iterator<void> | undefined
}

export class FieldIndexes {
  readonly #filled = new Map<string, Filled>()
  readonly #fill: (index: FieldIndex, field: string) => Iterable<void>

  /** `fill` adds what is there, a little between two steps; what changes meanwhile it may add again or find gone. */
  constructor(fill: (index: FieldIndex, field: string) => Iterable<void>) {
    this.#fill = fill
  }

  get isEmpty(): boolean {
    return this.#filled.size === 0
  }

  has(field: string): boolean {
    return this.#filled.has(field)
  }

  /** The whole index of a field. */
  of(field: string): FieldIndex {
    const filled = this.#begun(field)
    while (this.#goOn(field, filled));
    return filled.index
  }

  /** Fills the index of a field, a piece a step. Whoever needs it before the last step fills the rest at once. */
  *pieces(field: string): Generator<void> {
    const filled = this.#begun(field)
    while (this.#goOn(field, filled)) yield
  }

  add(item: Item): void {
    const record = item.record()
    for (const [field, { index }] of this.#filled) index.add(fieldOf(record, field), item.id)
  }

  remove(item: Item): void {
    for (const [field, { index }] of this.#filled) {
      const known = item.indexed?.(field)
      index.remove(known ? known.value : fieldOf(item.record(), field), item.id)
    }
  }

  /** Gives the full ones to another table of the same records; none is left here. */
  moveTo(other: FieldIndexes): void {
    for (const [field, filled] of this.#filled) if (!filled.rest) other.#filled.set(field, filled)
    this.#filled.clear()
  }

  #begun(field: string): Filled {
    const known = this.#filled.get(field)
    if (known) return known
    const index = new FieldIndex()
    const filled = { index, rest: this.#fill(index, field)[Symbol.iterator]() }
    this.#filled.set(field, filled)
    return filled
  }

  /** False when it was full. One that cannot be filled is dropped: nobody must take it for full. */
  #goOn(field: string, filled: Filled): boolean {
    try {
      if (filled.rest?.next().done) filled.rest = undefined
      return filled.rest !== undefined
    } catch (error) {
      this.#filled.delete(field)
      throw error
    }
  }
}
