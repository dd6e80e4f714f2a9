/** Ids by the value of one field, for processes that ask often and for unique keys. */
export class FieldIndex {
  /** A value that one record has, such as most names, keeps its id alone: a set for each would be most of the memory. */
  readonly #ids = new Map<unknown, string | Set<string>>()

  add(value: unknown, id: string): void {
    const ids = this.#ids.get(value)
    if (ids === undefined) this.#ids.set(value, id)
    else if (typeof ids !== 'string') ids.add(id)
    else if (ids !== id) this.#ids.set(value, new Set([ids, id]))
  }

  remove(value: unknown, id: string): void {
    const ids = this.#ids.get(value)
    if (ids === id) this.#ids.delete(value)
    if (typeof ids !== 'object') return
    ids.delete(id)
    if (ids.size === 0) this.#ids.delete(value)
  }

  countOf(value: unknown): number {
    const ids = this.#ids.get(value)
    return typeof ids === 'string' ? 1 : (ids?.size ?? 0)
  }

  idsOf(value: unknown): Iterable<string> {
    const ids = this.#ids.get(value)
    return typeof ids === 'string' ? [ids] : (ids ?? [])
  }
}
