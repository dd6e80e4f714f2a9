/** Ids by the value of one field, for processes that ask often and for unique keys. */
export class FieldIndex {
  readonly #ids = new Map<unknown, Set<string>>()

  add(value: unknown, id: string): void {
    const ids = this.#ids.get(value)
    if (ids) ids.add(id)
    else this.#ids.set(value, new Set([id]))
  }

  remove(value: unknown, id: string): void {
    const ids = this.#ids.get(value)
    ids?.delete(id)
    if (ids?.size === 0) this.#ids.delete(value)
  }

  countOf(value: unknown): number {
    return this.#ids.get(value)?.size ?? 0
  }

  idsOf(value: unknown): Iterable<string> {
    return this.#ids.get(value) ?? []
  }
}
